"""What Optuna is asked: the same seed chooses the same, also after a kill."""

import pytest

from backend.sweeps.space import Choice, Range
from backend.sweeps.study import JOURNAL, Study

SPACE = {"x": Range(0.001, 1.0, log=True), "n": Range(1, 9), "kind": Choice(("a", "b"))}
START = {"x": 0.1, "n": 3, "kind": "b"}


def study(folder, seed=0) -> Study:
    folder.mkdir(exist_ok=True)
    return Study(folder, SPACE, wholes={"n"}, seed=seed, pruner="median", higher=True, epochs=8)


def worth(settings) -> float:
    return -abs(settings["x"] - 0.3) - 0.1 * abs(settings["n"] - 5) + (settings["kind"] == "a")


def searched(folder, count: int, *, seed=0, anew=False) -> list[dict]:
    """The settings of so many trials; of a new object each where `anew` says so."""
    mine = study(folder, seed)
    for _ in range(count):
        mine = study(folder, seed) if anew else mine
        number = mine.begin(START)
        mine.end(number, worth(mine.settings(number)))
    return [dict(trial.params) for trial in mine.trials()]


def test_a_seed_repeats_itself_and_another_does_not(tmp_path):
    one = searched(tmp_path / "one", 14)
    assert one[0] == START
    assert one == searched(tmp_path / "two", 14)
    assert one[1:] != searched(tmp_path / "three", 14, seed=1)[1:]
    assert all(isinstance(found["n"], int) for found in one)


def test_taken_up_again_after_every_trial_it_chooses_the_same(tmp_path):
    assert searched(tmp_path / "one", 14) == searched(tmp_path / "two", 14, anew=True)


def test_it_learns_from_what_it_was_told(tmp_path):
    found = [worth(settings) for settings in searched(tmp_path / "one", 40)]
    assert sum(found[20:]) / 20 > sum(found[1:11]) / 10


@pytest.mark.parametrize("left", [b"", b'{"op_code": 4, "worker_i'])
def test_a_killed_writer_leaves_a_journal_that_goes_on(tmp_path, left):
    searched(tmp_path / "one", 2)
    with (tmp_path / "one" / JOURNAL).open("ab") as file:
        file.write(left)
    (tmp_path / "one" / f"{JOURNAL}.lock").symlink_to(JOURNAL)
    assert searched(tmp_path / "one", 2) == searched(tmp_path / "two", 4)


def test_a_trial_that_was_begun_has_its_settings_afterwards(tmp_path):
    mine = study(tmp_path / "one")
    chosen = mine.settings(mine.begin(START))
    other = study(tmp_path / "one")
    assert list(other.unended()) == [0]
    assert other.settings(0) == chosen == START


def test_the_median_ends_trials_behind_it_and_never_the_first(tmp_path):
    mine = study(tmp_path / "one")
    first = mine.begin(START)
    assert not any(mine.report(first, epoch, -1.0) for epoch in range(1, 9))
    mine.end(first, -1.0)
    for value in (0.5, 0.6, 0.7, 0.8):
        number = mine.begin(START)
        assert not any(mine.report(number, epoch, value) for epoch in range(1, 9))
        mine.end(number, value)
    number = mine.begin(START)  # a quarter of the epochs is left in peace
    assert [mine.report(number, epoch, 0.1) for epoch in range(1, 5)] == [False, True, True, True]
    mine.prune(number)
    assert mine.trials()[number].state.name == "PRUNED"
