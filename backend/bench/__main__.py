"""The process of one benchmark: ``python -m backend.bench NAME ANSWER.json [REPEATS]``."""

import json
import sys
from pathlib import Path

from .run import measure_here


def main(name: str, answer: str, repeats: str | None = None) -> None:
    """Measure, print, and leave the numbers in a file."""
    table = measure_here(
        name, lambda line: print(line, flush=True), None if repeats is None else int(repeats)
    )
    Path(answer).write_text(json.dumps(table), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
