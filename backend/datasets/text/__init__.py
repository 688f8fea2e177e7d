"""Words of labelled texts, and characters of running text."""
