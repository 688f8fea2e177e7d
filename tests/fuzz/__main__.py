"""``python -m tests.fuzz --count 100000 --requests 10000 --seed 1 [--json FILE]``."""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # as the server has it, before torch loads

from .campaign import Findings, read_many, visit_many

WRITTEN = 200
"""Inputs between two writings of the file, so that a campaign that is cut short is kept."""


def main() -> int:
    """Run the campaign; status 1 when something failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--count", type=int, default=1000, help="inputs of readers")
    parser.add_argument("--requests", type=int, default=100, help="HTTP requests")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="one reader alone")
    parser.add_argument("--json", type=Path, help="file for the findings")
    chosen = parser.parse_args()
    begin = time.perf_counter()
    result: dict[str, Any] = {"command": f"python -m tests.fuzz {' '.join(sys.argv[1:])}"}

    def keep(part: str, found: Findings) -> None:
        result[part] = found.to_dict()
        result["seconds"] = round(time.perf_counter() - begin)
        if chosen.json:
            chosen.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")

    for part, many in (
        ("http", visit_many(chosen.requests, chosen.seed)),
        ("readers", read_many(chosen.count, chosen.seed, chosen.only)),
    ):
        wanted = chosen.requests if part == "http" else chosen.count
        for done, found in enumerate(many, start=1):
            if done % WRITTEN == 0 or done == wanted:
                keep(part, found)
    print(json.dumps(result, indent=1))
    return int(any(result.get(part, {}).get("failures") for part in ("readers", "http")))


if __name__ == "__main__":
    sys.exit(main())
