"""What others use, trained in the same way, to compare with."""
