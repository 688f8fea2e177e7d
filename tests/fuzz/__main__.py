"""``python -m tests.fuzz --count 100000 --requests 10000 --seed 1 [--json FILE]``."""

import argparse
import json
import sys
import time
from pathlib import Path

from .campaign import read_many, visit_many


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
    found = {
        "readers": read_many(chosen.count, chosen.seed, chosen.only).to_dict(),
        "http": visit_many(chosen.requests, chosen.seed).to_dict() if chosen.requests else {},
    }
    result = {"command": f"python -m tests.fuzz {' '.join(sys.argv[1:])}", **found}
    result["seconds"] = round(time.perf_counter() - begin)
    if chosen.json:
        chosen.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))
    return int(any(part.get("failures") for part in found.values()))


if __name__ == "__main__":
    sys.exit(main())
