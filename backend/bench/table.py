"""Rows timed side by side: interleaved laps, their minimum, and the table that is printed.

Repeats are interleaved so that a busy machine disturbs every row alike. The metric is CPU time
over all threads of the process, because a shared machine stretches wall time at will; wall time
is kept beside it, since only it can show what a second thread is worth.
"""

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import StudioError

Arrays = tuple[np.ndarray, ...]
Echo = Callable[[str], Any]

REPEATS = 7
ROW_SECONDS = 6.0
"""A slow row is repeated only as often as fits into this."""
ONCE_SECONDS = 15.0
"""A row whose warm-up takes longer is not repeated: the warm-up counts."""
LAP_SECONDS = 0.05
"""A quick call is repeated so long in every lap; the best counts."""
LIMIT_SECONDS = 60.0
"""A row that takes longer is left out."""
SECOND_THREAD_SECONDS = 0.5
"""Rows slower than this are not run again with two threads; nor those that have taken as long with
two: on a busy machine one thread waits for the other, at every operation."""


class LeftOut(StudioError):
    """A row that cannot be measured here; the message is the reason."""


@dataclass(frozen=True)
class Lap:
    """One run of a row: CPU time over all threads [s], wall time [s], and what it computed."""

    cpu_s: float
    wall_s: float
    result: Any = None


@dataclass(frozen=True)
class Row:
    """One candidate.

    Args:
        label: unique in its section.
        lap: runs it once.
        outcome: what a lap computed as arrays of the section's common layout, or ``None``.
        threads: whether it follows ``torch.set_num_threads``.
        compiles: the first lap pays for a compiler and says nothing about the others.
    """

    label: str
    lap: Callable[[], Lap]
    outcome: Callable[[Any], Arrays] | None = None
    threads: bool = True
    compiles: bool = False


@dataclass(frozen=True)
class Section:
    """Rows that answer the same question.

    Args:
        title: the question.
        rows: the candidates; ratios are multiples of the first one that could be measured.
        setting: called with the number of threads before laps.
    """

    title: str
    rows: Sequence[Row]
    setting: Callable[[int], Any] | None = None


@dataclass
class _Course:
    """What is known of one row so far."""

    row: Row
    cpu_s: float = float("inf")
    wall_s: float = float("inf")
    wall_2_s: float | None = None
    laps: int = 0
    outcome: Arrays | None = None
    reason: str | None = None
    wanted: int = field(default=REPEATS)

    def run(self, counts: bool = True) -> Lap | None:
        """One lap; a refusal is kept as the reason why the row is left out."""
        try:
            lap = self.row.lap()
        except LeftOut as refusal:
            self.reason = str(refusal)
            return None
        if counts:
            self.laps += 1
            self.cpu_s = min(self.cpu_s, lap.cpu_s)
            self.wall_s = min(self.wall_s, lap.wall_s)
        return lap

    def warm_up(self) -> None:
        """The first lap pays for imports, caches and compilers; its answer is kept."""
        gc.collect()  # the last row's tape may hang in a cycle
        lap = self.run(counts=False)
        if lap is None:
            return
        if self.row.outcome is not None and lap.result is not None:
            self.outcome = self.row.outcome(lap.result)
        if lap.wall_s > ONCE_SECONDS and not self.row.compiles:
            self.cpu_s, self.wall_s = lap.cpu_s, lap.wall_s
            self.laps, self.wanted = 1, 0


def here(call: Callable[[], Any]) -> Callable[[], Lap]:
    """Laps of a call in this process: the best of so many calls as fit into ``LAP_SECONDS``.

    A single call of a millisecond would measure how well the row before has emptied the caches.
    """

    def once() -> Lap:
        wall, cpu = time.perf_counter(), time.process_time()
        result = call()
        return Lap(time.process_time() - cpu, time.perf_counter() - wall, result)

    def lap() -> Lap:
        best = once()
        spent = best.wall_s
        while spent < LAP_SECONDS:
            other = once()
            spent += other.wall_s
            best = Lap(min(best.cpu_s, other.cpu_s), min(best.wall_s, other.wall_s), other.result)
        return best

    return lap


def refused(label: str, reason: str) -> Row:
    """A row that is known beforehand to be left out."""

    def lap() -> Lap:
        raise LeftOut(reason)

    return Row(label, lap)


def measure(section: Section, repeats: int = REPEATS, threads: int = 1) -> dict[str, Any]:
    """Time the rows of a section with one thread, the quick ones with two as well.

    Args:
        section: the rows.
        repeats: interleaved laps of a quick row.
        threads: how many threads the second measurement takes; 1 leaves it out.

    Returns:
        ``title`` and ``rows``, each with ``label``, ``ratio`` (CPU time as a multiple of the
        first row), ``cpu_s``, ``wall_s``, ``wall_2_s``, ``laps``, ``difference`` (relative L2,
        the worst array, from the first row's answer) and ``left_out`` (the reason or ``None``).
    """
    courses = [_Course(row, wanted=repeats) for row in section.rows]
    _set_threads(section, 1)
    for course in courses:
        course.warm_up()
    _interleave(courses, repeats)
    if threads > 1:
        _second_threads(section, courses, repeats, threads)
    runs = [course for course in courses if course.laps]
    base = runs[0] if runs else None
    return {"title": section.title, "rows": [_record(course, base) for course in courses]}


def _interleave(courses: list[_Course], repeats: int) -> None:
    for turn in range(repeats):
        for course in courses:
            if course.reason is None and turn < course.wanted:
                lap = course.run()
                if lap is not None:
                    affordable = max(1, int(ROW_SECONDS / max(lap.wall_s, 1e-9)))
                    course.wanted = min(course.wanted, affordable)


def _second_threads(section: Section, courses: list[_Course], repeats: int, threads: int) -> None:
    quick = [
        course
        for course in courses
        if course.row.threads and course.laps and course.wall_s < SECOND_THREAD_SECONDS
    ]
    _set_threads(section, threads)
    spent = dict.fromkeys((course.row.label for course in quick), 0.0)
    try:
        for turn in range(1 + repeats):  # the first turn starts the threads
            for course in quick:
                wanted = turn <= course.wanted and spent[course.row.label] < SECOND_THREAD_SECONDS
                lap = course.run(counts=False) if wanted else None
                if lap is not None:
                    spent[course.row.label] += lap.wall_s
                    if turn or lap.wall_s > SECOND_THREAD_SECONDS:
                        course.wall_2_s = min(course.wall_2_s or lap.wall_s, lap.wall_s)
    finally:
        _set_threads(section, 1)


def _set_threads(section: Section, count: int) -> None:
    if section.setting is not None:
        section.setting(count)


def _record(course: _Course, base: _Course | None) -> dict[str, Any]:
    record: dict[str, Any] = {"label": course.row.label, "left_out": course.reason}
    if course.reason is not None or not course.laps or base is None:
        return record
    return record | {
        "ratio": course.cpu_s / base.cpu_s,
        "cpu_s": course.cpu_s,
        "wall_s": course.wall_s,
        "wall_2_s": course.wall_2_s,
        "laps": course.laps,
        "difference": difference(course.outcome, base.outcome),
    }


def difference(one: Arrays | None, other: Arrays | None) -> float | None:
    """The largest relative L2 distance between arrays of the same place; ``None`` without any."""
    if one is None or other is None:
        return None
    return max(
        float(np.linalg.norm(a - b) / max(np.linalg.norm(b), 1e-30))
        for a, b in zip(one, other, strict=False)
    )


def print_section(record: dict[str, Any], echo: Echo) -> None:
    """The table of one section; times in ms."""
    wide = max([len(row["label"]) for row in record["rows"]] + [20])
    head = (
        f"{'':{wide}}  {'x':>8} {'CPU ms':>10} {'wall ms':>10} {'2 threads':>10} {'difference':>10}"
    )
    echo(f"\n{record['title']}")
    echo(head)
    for row in record["rows"]:
        if row["left_out"] is not None:
            echo(f"{row['label']:{wide}}  left out: {row['left_out']}")
            continue
        cells = f"{row['ratio']:8.2f} {_ms(row['cpu_s'])} {_ms(row['wall_s'])} "
        cells += f"{_ms(row['wall_2_s'])} {_small(row['difference'])}"
        once = "  timed once" if row["laps"] == 1 else ""
        echo(f"{row['label']:{wide}}  {cells}{once}")


def _ms(seconds: float | None) -> str:
    return f"{'':>10}" if seconds is None else f"{seconds * 1e3:10.3f}"


def _small(value: float | None) -> str:
    return f"{'':>10}" if value is None else f"{value:10.1e}"
