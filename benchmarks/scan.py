"""Cascades of cells beside FFT convolution, torch's associative scan and a Python loop.

Run from the project's folder:

    .venv/bin/python -m benchmarks.scan [--repeats N]

writes ``benchmarks/results/scan.json``; `kirchhoff bench scan` prints the same. Times are CPU times
of one thread, the least of interleaved laps, torch's allocator tuned; ``ratio`` is a multiple of
the first row of its table.
"""

import argparse
import json
import os
import platform
from pathlib import Path

import numba
import torch

from backend.bench import run_benchmarks

RESULTS = Path(__file__).parent / "results" / "scan.json"
COMMAND = "python -m benchmarks.scan"


def main() -> None:
    parser = argparse.ArgumentParser(description="Cascades of cells beside their peers.")
    parser.add_argument("--repeats", type=int, help="interleaved laps of a quick row")
    given = parser.parse_args()
    table = run_benchmarks("scan", lambda line: print(line, flush=True), given.repeats)
    machine = {
        "torch": torch.__version__,
        "numba": numba.__version__,
        "python": platform.python_version(),
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0],
    }
    record = {"command": COMMAND, "machine": machine, "tables": table}
    RESULTS.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
