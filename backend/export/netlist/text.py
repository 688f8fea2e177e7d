"""The bytes of a netlist as text: every encoding that circuit tools write."""

import codecs

from ...errors import CircuitError

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
"""Byte-order marks that editors and simulators write, and what they announce."""

LOOKED_AT = 4096
"""Bytes from which an encoding without a mark is told."""


def decoded(data: bytes) -> str:
    """The text of a netlist file.

    A byte-order mark says what it is. Without one, bytes of which every second is 0 are UTF-16,
    what is valid UTF-8 is that, and anything else is Windows-1252, of which Latin-1 is a part.

    Raises:
        CircuitError: the bytes are not text.
    """
    codec, shown = _codec(data)
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        if codec != "utf-8":
            raise CircuitError(f"the file is not text in {shown}; save it as UTF-8") from None
        text = data.decode("cp1252", errors="replace")
    if "\0" in text:
        raise CircuitError("the file is not text: it holds NUL characters; save it as UTF-8")
    return text


def _codec(data: bytes) -> tuple[str, str]:
    for mark, codec, shown in MARKS:
        if data.startswith(mark):
            return codec, shown
    head = data[: LOOKED_AT - LOOKED_AT % 2]
    pairs = len(head) // 2
    for codec, high in (("utf-16-le", 1), ("utf-16-be", 0)):
        # Latin letters have a high byte of 0 and a low byte that is not.
        zeros, others = head[high::2].count(0), head[1 - high :: 2].count(0)
        if pairs and zeros > 0.7 * pairs and not others:
            return codec, "UTF-16"
    return "utf-8", "UTF-8"
