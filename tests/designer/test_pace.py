"""The clock of limits: as fast as work gets a processor, and a tenth of real time at least."""

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from itertools import pairwise

import pytest

from backend.circuit.budget import PAGE
from designer.service import lanes
from designer.service.pace import SLOWEST, PaceClock, process_seconds, thread_seconds
from designer.service.turns import Asker


def passed(clock: PaceClock, threads: list[int]) -> tuple[float, float]:
    """Seconds that go by on the clock and in reality between two looks."""
    real, now = clock._looked, clock.now
    time.sleep(0.02)
    clock.look(threads)
    return clock.now - now, clock._looked - real


@pytest.fixture
def waiting():
    """A thread that only waits."""
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    yield thread.ident
    done.set()
    thread.join()


def test_without_work_the_clock_is_a_clock():
    shown, real = passed(PaceClock(), [])
    assert shown == pytest.approx(real, rel=1e-9)


def test_while_work_gets_no_processor_it_almost_stands_still(waiting):
    clock = PaceClock()
    passed(clock, [waiting])  # from here on the thread has nothing left to do
    shown, real = passed(clock, [waiting])
    assert shown == pytest.approx(SLOWEST * real, rel=1e-9)


def test_what_works_elsewhere_counts_but_never_more_than_real_time(waiting):
    spent = [0.0]
    clock = PaceClock(lambda: spent[0])
    passed(clock, [waiting])
    spent[0] += 1000.0
    shown, real = passed(clock, [waiting])
    assert shown == pytest.approx(real, rel=1e-9)
    spent[0] = 0.0  # another process has begun
    shown, real = passed(clock, [waiting])
    assert shown == pytest.approx(SLOWEST * real, rel=1e-9)
    half = 0.0
    for _ in range(5):
        before = clock._looked
        spent[0] += 0.01
        shown, real = passed(clock, [waiting])
        assert clock._looked > before
        half += shown
    assert half >= 0.05 * (1 - 1e-9)


def test_processor_time_of_threads_and_processes_only_grows():
    own, seen = threading.get_ident(), []
    for _ in range(4):
        sum(range(300_000))
        seen.append((thread_seconds(own), process_seconds(os.getpid())))
    assert all(b[0] > a[0] and b[1] >= a[1] for a, b in pairwise(seen))
    assert process_seconds(None) == process_seconds(2**30) == 0.0
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    deadline = time.monotonic() + 120
    try:
        while process_seconds(busy.pid) < 0.2:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        busy.kill()
        busy.wait()


def test_in_a_pause_no_time_passes_and_none_is_made_up_for():
    paused = [True]
    clock = PaceClock(pause=lambda: paused[0])
    assert passed(clock, [])[0] == 0.0
    paused[0] = False
    shown, real = passed(clock, [])
    assert shown == pytest.approx(real, rel=1e-9)


def test_compiling_is_not_counted_as_a_solve(monkeypatch):
    monkeypatch.setattr(lanes, "PAGE", replace(PAGE, seconds=0.2))
    compiling = threading.Event()
    compiling.set()
    solves = lanes.Lanes(compiling=compiling.is_set).solves
    with solves.turn(Asker()) as stop:
        time.sleep(1.0)
        assert not stop.is_set
        compiling.clear()
        while not stop.is_set:  # pytest's own limit ends this
            time.sleep(0.05)
