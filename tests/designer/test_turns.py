import threading
import time
from contextlib import contextmanager

import pytest

from designer.service.turns import Asker, BusyError, LateError, Stopped, Turns


def lane(slots=1, **how):
    return Turns(slots, how.pop("seconds", 60.0), "The work", **how)


@contextmanager
def working(turns, asker):
    """A turn held in another thread until the block ends; gives what became of it."""
    began, end, outcome = threading.Event(), threading.Event(), []

    def work():
        try:
            with turns.turn(asker) as stop:
                outcome.append("began")
                began.set()
                while not end.is_set():
                    time.sleep(0.005)
                    stop.check()
        except (Stopped, LateError, BusyError) as error:
            outcome.append(error)
            began.set()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield began, outcome, thread
    finally:
        end.set()
        thread.join(30)
        assert not thread.is_alive()


def waiting(turns, count):
    """Wait until so many wait."""
    while sum(map(len, turns._queues.values())) < count:
        time.sleep(0.005)


def test_pages_take_turns_whoever_asks_more_often():
    turns, order = lane(), []

    def ask(page):
        with turns.turn(Asker(page)):
            order.append(page)

    threads = []
    with turns.turn(Asker("first")):
        for page in ["greedy"] * 5 + ["modest"]:
            threads.append(threading.Thread(target=ask, args=(page,)))
            threads[-1].start()
            waiting(turns, len(threads))
    for thread in threads:
        thread.join(30)
    assert order.index("modest") == 1
    assert len(order) == 6


def test_one_page_never_holds_all_slots():
    turns = lane(slots=2)
    with working(turns, Asker("greedy")) as (began, *_), working(turns, Asker("greedy")) as other:
        assert began.wait(30)
        with turns.turn(Asker("modest")):
            assert not other[0].is_set()
        turns.cancel("greedy")


def test_a_newer_question_replaces_the_older():
    turns = lane()
    with working(turns, Asker("page", "sim", 1)) as (began, outcome, thread):
        assert began.wait(30)
        with turns.turn(Asker("page", "sim", 2)):
            thread.join(30)
    assert "newer" in str(outcome[-1])
    with turns.turn(Asker("page", "sim", 2)):
        assert not turns._queues


def test_an_overtaken_question_is_refused_and_other_purposes_go_on():
    turns = lane(slots=2)
    with working(turns, Asker("page", "sim", 5)) as (began, outcome, _):
        assert began.wait(30)
        with pytest.raises(Stopped, match="newer"), turns.turn(Asker("page", "sim", 4)):
            pass
        with working(turns, Asker("other", "sim", 9)) as (other, *_):
            assert other.wait(30)
            with pytest.raises(Stopped), turns.turn(Asker("other", "sim", 8)):
                pass
        assert outcome == ["began"]


def test_a_page_that_is_gone_is_stopped():
    turns, gone = lane(), threading.Event()
    asker = Asker("page", gone=gone.is_set)
    with working(turns, asker) as (began, outcome, thread):
        assert began.wait(30)
        gone.set()
        thread.join(30)
        assert not thread.is_alive()
    assert "no longer" in str(outcome[-1])


def test_a_page_can_cancel_what_works_and_what_waits():
    turns = lane()
    with working(turns, Asker("page", "a")) as first, working(turns, Asker("page", "b")) as second:
        assert first[0].wait(30)
        waiting(turns, 1)
        assert turns.cancel("page") == 2
        for _, outcome, thread in (first, second):
            thread.join(30)
            assert "no longer" in str(outcome[-1])
    assert turns.cancel("page") == 0


def test_late_work_is_stopped_in_words():
    with working(lane(seconds=0.05), Asker("page")) as (_, outcome, thread):
        thread.join(30)
        assert isinstance(outcome[-1], LateError)
    assert "The work took longer" in str(outcome[-1])


def test_a_full_queue_is_said_at_once():
    turns = lane(waiting=1)
    with working(turns, Asker("a")) as (began, *_), working(turns, Asker("b")):
        assert began.wait(30)
        waiting(turns, 1)
        with pytest.raises(BusyError, match="busy") as refused, turns.turn(Asker("c")):
            pass
        assert refused.value.seconds > 0
        turns.cancel("b")
    with turns.turn(Asker("c")):
        pass


def test_nobody_waits_for_ever():
    turns = lane(patience=0.05)
    with working(turns, Asker("a")) as (began, *_):
        assert began.wait(30)
        with pytest.raises(BusyError, match="too long"), turns.turn(Asker("b")):
            pass


def test_a_failed_turn_frees_its_slot():
    turns = lane()
    with pytest.raises(ZeroDivisionError), turns.turn(Asker("a")):
        _ = 1 / 0
    with turns.turn(Asker("b")):
        pass
    assert not turns._working
