"""Valid inputs made strange: bytes, lines of text and JSON values, all from a seed."""

import json
from copy import deepcopy
from random import Random
from typing import Any

Json = Any
BYTES = (
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\n",
    b",",
    b'"',
    b"{",
    b"\\",
    b"\x80\x02",
)
TOKENS = (
    "", " ", "0", "-1", "1e999", "nan", "inf", "9" * 400, "\u00b2", "\u0663", "1,5", "1.000,0",
    "\ufeff", "\x00", "'", '"', "gnd", "=", "{1+1}", "*", "+", "\U0001f4a9", "x" * 3000, "\t", ";",
)  # fmt: skip
SIZES = (b"\xff" * 8, b"\x00" * 8, b"\xff\xff\xff\x7f", b"\x00\x00\x00\x04\x00\x00\x00\x00")


class Raw(str):
    """Text that stands in the JSON as it is."""


STRANGE: tuple[Json, ...] = (
    None, True, False, 0, -1, 1, 7, 0.5, 1e-300, 1e300, 10**30, "", "x", "gnd", "n1", "1",
    "x" * 3000, "../../x", "\x00", "\u00b2", [], {}, [[]], {"a": 1}, [1, 2, 3], {"steps": 10**9},
    Raw("9" * 5000), Raw("1e400"), Raw("NaN"), Raw("-Infinity"), Raw('"\\ud800"'),
    Raw("[" * 90 + "]" * 90),
    Raw('{"id":1,"id":2}'), Raw("01"), Raw("'a'"), 10**9, 100_000_000, -1e9,
)  # fmt: skip


def of_bytes(rng: Random, data: bytes) -> bytes:
    """The bytes with up to four damages."""
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(len(data) + 1)
        end = min(len(data), place + rng.choice((1, 4, 8, 64, 1000)))
        what = rng.randrange(7)
        if what == 0:
            data = data[:place]
        elif what == 1:
            data = data[:place] + data[end:]
        elif what == 2:
            data = data[:place] + rng.choice(BYTES) + data[place:]
        elif what == 3:
            data = data[:place] + rng.choice(SIZES) + data[place + 8 :]
        elif what == 4:
            data = data[:place] + rng.randbytes(end - place) + data[end:]
        elif what == 5:
            data = data[:end] + data[place:]
        elif data:
            at = rng.randrange(len(data))
            data = data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]
    return data


def of_text(rng: Random, text: str, separators: str = " ") -> bytes:
    """The text with cells and lines changed, in one of several encodings."""
    lines = text.splitlines()
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if not lines:
            break
        place = rng.randrange(len(lines))
        cells = lines[place].split(rng.choice(separators))
        cell = rng.randrange(len(cells))
        what = rng.randrange(6)
        if what == 0:
            del lines[place]
        elif what == 1:
            lines.insert(place, lines[rng.randrange(len(lines))])
        elif what == 2:
            lines[place] += rng.choice(TOKENS)
        else:
            cells[cell] = rng.choice(TOKENS)
            lines[place] = rng.choice(separators).join(cells)
    written = "\n".join(lines)
    encoding = rng.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1"))
    return written.encode(encoding, errors="replace")


def of_value(rng: Random, value: Json, strange: tuple[Json, ...] = STRANGE) -> Json:
    """The value with one to three places replaced, removed, renamed or repeated."""
    value = deepcopy(value)
    for _ in range(rng.choice((1, 1, 2, 3))):
        if not isinstance(value, dict | list) or rng.random() < 0.02:
            return deepcopy(rng.choice(strange))
        inside = value
        while True:
            keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
            if not keys:
                break
            key = rng.choice(keys)
            deeper = inside[key]
            if isinstance(deeper, dict | list) and deeper and rng.random() < 0.8:
                inside = deeper
                continue
            _change(rng, inside, key, strange)
            break
    return value


def _change(rng: Random, inside: Json, key: Any, strange: tuple[Json, ...]) -> None:
    what = rng.randrange(8)
    if what == 0:
        del inside[key]
    elif what == 1 and isinstance(inside, dict):
        inside[rng.choice(("x", "", "y" * 200, "\u00b2", f"{key}s"))] = inside.pop(key)
    elif what == 2 and isinstance(inside, list):
        inside.extend(deepcopy(inside[:50]))
    else:
        inside[key] = deepcopy(rng.choice(strange))


def spelled(value: Json) -> str:
    """JSON in which a `Raw` stands as it is."""
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, dict):
        inner = ",".join(f"{json.dumps(str(k))}:{spelled(v)}" for k, v in value.items())
        return f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{','.join(map(spelled, value))}]"
    return json.dumps(value)


def of_json(rng: Random, value: Json) -> bytes:
    """JSON of a changed value; one in five is damaged as bytes as well."""
    data = spelled(of_value(rng, value)).encode("utf-8", errors="replace")
    return of_bytes(rng, data) if rng.random() < 0.2 else data
