"""How declared types and shapes are checked while the suite runs."""

from beartype import BeartypeConf, beartype

checked = beartype(conf=BeartypeConf(is_pep484_tower=True))
"""As type checkers read them: a whole number is a float, too."""
