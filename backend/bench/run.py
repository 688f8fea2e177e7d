"""Which benchmarks exist, and the process in which each of them runs."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import StudioError
from ..registry import Registry

Echo = Callable[[str], Any]
TUNED = {
    "MALLOC_MMAP_THRESHOLD_": str(1 << 40),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 40),
    # As for the workers: torch's idle threads would spin on the core that the kernels need.
    "OMP_WAIT_POLICY": "passive",
}
TUNING = (
    "glibc keeps freed memory (MALLOC_MMAP_THRESHOLD_, MALLOC_TRIM_THRESHOLD_ raised): left alone, "
    "it gives large temporaries back at every operation and slows the torch peers down; threads "
    "that wait do not spin (OMP_WAIT_POLICY)"
)


class Benchmark(NamedTuple):
    """A named benchmark.

    Args:
        title: one line for people.
        place: module and function that measures: ``(echo, repeats)`` to a list of sections.
        fast: part of ``kirchhoff bench`` without a name.
        tuned: runs with the allocator of ``TUNED``.
    """

    title: str
    place: str
    fast: bool = True
    tuned: bool = True


BENCHMARKS: Registry[Benchmark] = Registry("benchmark")
for _name, _benchmark in {
    "ceiling": Benchmark("Highest rates of one core, without memory", "engine:ceiling"),
    "simulate": Benchmark("12 nodes, 40 devices, 200 outputs: a small board", "engine:board"),
    "adjoint": Benchmark("The same board with its gradient", "engine:board_gradient"),
    "small": Benchmark("32 nodes, 512 devices, batch 256", "engine:small"),
    "medium": Benchmark("835 nodes, 20,000 devices, batch 128", "engine:medium", False),
    "mnist": Benchmark("KirchhoffNet's MNIST graph, batch 64", "engine:mnist", False),
    "large": Benchmark("3072 nodes, 200,000 devices, batch 64", "engine:large", False),
    "threads": Benchmark("MNIST graph, batch 128, one thread and two", "engine:threads", False),
    "double": Benchmark("32 nodes, 512 devices, batch 256, float64", "engine:double", False),
    "scan": Benchmark("Cascades of 3 cells over 1,024 steps", "scan:sections", False),
    "memory": Benchmark("Memory of one gradient, MNIST graph", "memory:sections", False, False),
    "epoch": Benchmark("An epoch of 60,000 images, 166,738 devices", "epoch:sections", False),
}.items():
    BENCHMARKS.register(_name)(_benchmark)


def run_benchmarks(
    name: str | None, echo: Echo, repeats: int | None = None, everything: bool = False
) -> dict[str, Any]:
    """Time one benchmark or the fast ones, each in a process of its own, and print tables.

    Args:
        name: a registered benchmark, ``None`` for the fast ones.
        echo: prints one line.
        repeats: interleaved laps of a quick row, ``None`` for the usual number.
        everything: without a name, the slow ones too.

    Returns:
        By name of the benchmark its ``title``, whether the allocator was ``tuned``, and
        ``sections`` as ``table.measure`` makes them.

    Raises:
        UnknownNameError: no such benchmark.
        StudioError: its process failed.
    """
    if name is None:
        names = [each for each, made in BENCHMARKS.items() if made.fast or everything]
    else:
        names = [name]
    chosen = {each: BENCHMARKS[each] for each in names}
    return {each: _child(each, made, echo, repeats) for each, made in chosen.items()}


def _child(name: str, benchmark: Benchmark, echo: Echo, repeats: int | None) -> dict[str, Any]:
    """Run one benchmark in a fresh process, whose allocator can still be set up."""
    with tempfile.TemporaryDirectory(prefix="kirchhoff-bench-") as folder:
        answer = Path(folder, "answer.json")
        command = [sys.executable, "-m", __package__ or "", name, str(answer)]
        process = subprocess.Popen(
            command + ([] if repeats is None else [str(repeats)]),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": _path()} | (TUNED if benchmark.tuned else {}),
        )
        assert process.stdout is not None
        for line in process.stdout:
            echo(line.rstrip("\n"))
        _, complaint = process.communicate()
        if process.returncode or not answer.exists():
            last = (complaint.strip().splitlines() or ["it said nothing"])[-1]
            raise StudioError(f"benchmark {name}: its process failed ({last})")
        return json.loads(answer.read_text(encoding="utf-8"))


def _path() -> str:
    """The child finds the packages where this process found them."""
    return os.pathsep.join(each for each in sys.path if each)


def measure_here(name: str, echo: Echo, repeats: int | None = None) -> dict[str, Any]:
    """Time one benchmark in this process and print its tables."""
    from .table import REPEATS

    benchmark = BENCHMARKS[name]
    echo(f"{name}: {benchmark.title}")
    if benchmark.tuned:
        echo(f"allocator: {TUNING}")
    module, function = benchmark.place.split(":")
    measure = getattr(import_module(f".{module}", __package__), function)
    sections = measure(echo, repeats or REPEATS)
    echo("")
    return {"title": benchmark.title, "tuned": benchmark.tuned, "sections": sections}
