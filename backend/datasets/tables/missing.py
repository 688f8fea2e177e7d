"""Cells without a value."""

MISSING = ("refuse", "drop", "fill")
"""What is done with rows in which a value is missing."""

# What programs write for nothing. In a column of words only the empty cell is missing: None, NA
# (Namibia) and - can be words.
_MARKS = frozenset(
    {"", "na", "n/a", "#n/a", "#na", "nan", "-nan", "null", "none", "nil", "?", "-", "--", "---",
     ".", "..", "missing", "<na>", "#value!", "#div/0!", "#ref!", "k.a.", "\\n"}
)  # fmt: skip


def is_missing(cell: str) -> bool:
    """Whether a cell among numbers or dates says that there is no value."""
    return not cell or (len(cell) < 10 and cell.lower() in _MARKS)
