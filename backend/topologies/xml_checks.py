"""XML from outside, before a parser that keeps all of it sees it."""

from typing import Any
from xml.parsers import expat

from ..errors import InputError, quoted

MAX_DEPTH = 64
MAX_ELEMENTS = 2_000_000


def check_xml(data: bytes) -> None:
    """Refuse XML that declares entities, which can multiply without end, or is nested too deeply.

    Raises:
        InputError: see above, or no XML at all; names the line.
    """
    parser = expat.ParserCreate()
    depth = count = 0

    def declared(name: str, *_: Any) -> None:
        raise InputError(f"line {parser.CurrentLineNumber}: it declares the entity {quoted(name)}; "
                         "take the declaration out")  # fmt: skip

    def opened(*_: Any) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if depth > MAX_DEPTH or count > MAX_ELEMENTS:
            raise InputError(
                f"line {parser.CurrentLineNumber}: the XML is nested more than {MAX_DEPTH} deep or "
                f"has more than {MAX_ELEMENTS:,} elements; give the graph as a list of edges"
            )

    def closed(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.EntityDeclHandler = declared
    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise InputError(
            f"line {error.lineno}, column {error.offset + 1}: not valid XML "
            f"({expat.ErrorString(error.code)})"
        ) from None
    except (LookupError, ValueError):
        raise InputError("the XML names an encoding that is not known; save it as UTF-8") from None
