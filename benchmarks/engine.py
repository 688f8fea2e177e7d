"""The solver engine beside its peers: every table of `kirchhoff bench`, written down.

Run from the project's folder, with the peers installed (`pip install -e '.[bench]'`):

    .venv/bin/python -m benchmarks.engine [NAME...] [--repeats N]

writes ``benchmarks/results/engine.json`` and the same as tables in ``benchmarks/engine.md``, after
every table; those of other names stay as they are.
"""

import argparse
import json
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from backend.bench import BENCHMARKS, run_benchmarks

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "engine.json"
PAGE = HERE / "engine.md"
COMMAND = "python -m benchmarks.engine"
ELSEWHERE = ("scan",)
"""Tables with a file of their own in ``benchmarks/``."""
PACKAGES = ("torch", "numba", "torchdiffeq", "torchode", "jax", "diffrax")
HEAD = f"""# The solver engine and its peers

Made by `{COMMAND}`; `kirchhoff bench NAME` repeats one table. Times of different machines cannot
be compared, ratios inside one table can.

- x: CPU time over all threads of the process, as a multiple of the table's first row; the least
  of interleaved laps with one thread. jax runs in a process of its own, confined to one processor.
- wall: the same laps by the clock; "2 threads" is the wall time with two. Beside other programs
  one thread waits for the other at every operation, and the time says little.
- difference: relative L2 distance from the first row's answer (end voltages and, where there is
  one, gradients). torchdiffeq's rk4 is the 3/8 rule; adaptive rows choose their own steps; with
  relu the gradient is discontinuous in the steps.
- torch allocates with glibc's thresholds raised (MALLOC_MMAP_THRESHOLD_, MALLOC_TRIM_THRESHOLD_),
  which makes the torch peers faster, and its waiting threads do not spin (OMP_WAIT_POLICY); not
  so in the table of memory.
- The loss is the sum of v(T)^2; weights are random, 0.7/sqrt(degree).
"""


def installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def milliseconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds * 1e3:.3g}"


def row_text(row: dict[str, Any]) -> str:
    if row["left_out"]:
        return f"| {row['label']} | | | | | left out: {row['left_out']} |"
    if "peak_growth_bytes" in row:
        return f"| {row['label']} | {row['peak_growth_bytes'] / 1e6:.1f} MB | | | | |"
    times = " | ".join(milliseconds(row[name]) for name in ("cpu_s", "wall_s", "wall_2_s"))
    far = "" if row["difference"] is None else f"{row['difference']:.0e}"
    return f"| {row['label']} | {row['ratio']:.2f} | {times} | {far} |"


def section_text(section: dict[str, Any]) -> str:
    lines = [f"### {section['title']}", ""]
    if rates := section.get("rates"):
        lines += ["| rate | |", "|---|---|"]
        return "\n".join([*lines, *(f"| {name} | {rate:.2f} |" for name, rate in rates.items())])
    lines += ["| | x | CPU ms | wall ms | 2 threads ms | difference |", "|---|---|---|---|---|---|"]
    lines += map(row_text, section["rows"])
    if "epoch_cpu_s" in section:
        lines += ["", f"An epoch of 60,000 images: {section['epoch_cpu_s']:.1f} CPU s"]
        if section["epoch_wall_2_s"]:
            lines[-1] += f", {section['epoch_wall_2_s']:.1f} s by the clock with two threads"
        lines[-1] += "."
    return "\n".join(lines)


def page(record: dict[str, Any]) -> str:
    """The record as Markdown."""
    machine = ", ".join(f"{key} {value}" for key, value in record["machine"].items())
    parts = [HEAD, f"Measured with {machine}."]
    for name, table in record["tables"].items():
        parts.append(f"## {name}: {table['title']}")
        parts += map(section_text, table["sections"])
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def measured(names: list[str], repeats: int | None) -> None:
    """Measure tables one after the other; each is written down at once."""
    before = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    # Tables that stay may have been measured beside peers that are missing now.
    machine = {package: "not installed" for package in PACKAGES} | before.get("machine", {})
    machine |= {"python": platform.python_version(), "processors": os.cpu_count()}
    machine |= {package: found for package in PACKAGES if (found := installed(package))}
    tables = before.get("tables", {})
    for name in names:
        tables |= run_benchmarks(name, lambda line: print(line, flush=True), repeats)
        ordered = {each: tables[each] for each in BENCHMARKS if each in tables}
        record = {"command": COMMAND, "machine": machine, "tables": ordered}
        RESULTS.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        PAGE.write_text(page(record), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="The solver engine beside its peers.")
    parser.add_argument("names", nargs="*", help="tables to measure; all of them without a name")
    parser.add_argument("--repeats", type=int, help="interleaved laps of a quick row")
    given = parser.parse_args()
    own = [name for name in BENCHMARKS if name not in ELSEWHERE]
    measured(given.names or own, given.repeats)


if __name__ == "__main__":
    main()
