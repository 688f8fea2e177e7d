"""Strange inputs for every reader and route: ``python -m tests.fuzz --count N --seed S``."""
