"""Work shared among threads: all of it, once, with its errors, also after a fork."""

import os
import subprocess
import sys
from collections import Counter

import pytest
import torch

from backend.engine import threads


@pytest.fixture(autouse=True, params=[1, 2, 3])
def count(request: pytest.FixtureRequest):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("parts", [0, 1, 2, 50])
def test_every_part_is_done_once(parts: int):
    done: list[int] = []
    threads.for_all(done.append, parts)
    assert Counter(done) == Counter(range(parts))


@pytest.mark.parametrize("bad", [0, 1, 9])
def test_an_error_in_one_part_is_raised(bad: int):
    def work(part: int) -> None:
        if part == bad:
            raise FloatingPointError(f"part {part}")

    with pytest.raises(FloatingPointError, match=f"part {bad}"):
        threads.for_all(work, 10)
    done: list[int] = []
    threads.for_all(done.append, 10)
    assert len(done) == 10


FORK = """
import os, sys, torch
from backend.engine import threads
torch.set_num_threads(3)
def both():
    done = []
    threads.for_all(done.append, 20)
    assert sorted(done) == list(range(20))
both()
child = os.fork()
if not child:
    both()
    os._exit(7)
both()
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_process_has_threads_of_its_own(count: None):
    if torch.get_num_threads() > 1:
        pytest.skip("once is enough: the script sets its own number")
    found = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORK],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert found.stdout.strip() == "7", found.stderr
