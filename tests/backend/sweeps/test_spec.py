"""A sweep's file against the settings that there are."""

import re

import pytest

from backend.errors import StudioError
from backend.sweeps.spec import read_sweep, text_of

pytestmark = pytest.mark.usefixtures("reads")
FIXED = {"model": "counted_line", "dataset": "counted", "epochs": 4}
RATE = {"learning_rate": {"low": 0.001, "high": 0.5, "log": True}}


def test_the_recipes_own_values_are_the_first_trial():
    found = read_sweep({**FIXED, "search": {**RATE, "gain": {"low": 0.5, "high": 2}}})
    assert found.start == {"learning_rate": 0.01, "gain": 1.0}
    assert (found.objective, found.higher, found.chosen_by) == ("accuracy", True, 40)
    made = found.train_spec({"lr": 0.25, "gain": 2.0}, "one")
    assert (made.learning_rate, made.model_options, made.test_at) == (0.25, {"gain": 2.0}, "never")


def test_a_fixed_value_begins_the_search_and_budgets_do_not_decide_which_it_is():
    given = {**FIXED, "learning_rate": 0.1, "search": RATE}
    found = read_sweep(given)
    assert found.start == {"learning_rate": 0.1}
    assert read_sweep({**given, "sweep": {"trials": 5}}).digest == found.digest
    assert read_sweep({**given, "sweep": {"seed": 5}}).digest != found.digest
    assert not read_sweep({**given, "sweep": {"objective": "loss"}}).higher


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, 'there is nothing to search; add an object "search"'),
        ({"search": {"learning_rat": RATE["learning_rate"]}}, "did you mean 'learning_rate'?"),
        ({"search": {"learning_rate": {"low": -1, "high": 1}}},
         "search.learning_rate.low: learning_rate must be at least 0, got "),
        ({"search": {**RATE, "lr": RATE["learning_rate"]}},
         "search.lr: is learning_rate by another name; leave one out"),
        ({"search": {"gain": {"low": 0.5, "high": 20}}},
         "search.gain.high: model counted_line: gain must be at most 10, got "),
        ({"search": {"gain": {"low": 2, "high": 3}}},
         "search.gain: 2 to 3 does not hold 1.0, the value of the recipe"),
        ({"search": {"epochs": {"low": 1, "high": 5.5}}}, "search.epochs: is a whole number"),
        ({"search": {"schedule": {"low": 1, "high": 2}}}, 'search.schedule: is no number: give {"'),
        ({"search": {"schedule": {"choices": ["one_cycle", "cosin"]}}},
         "search.schedule.choices[1]: schedule is 'cosin': did you mean 'cosine'?"),
        ({"search": {"dataset": {"choices": ["counted", "digits"]}}},
         "search.dataset: must be the same for all trials"),
        ({"search": RATE, "sweep": {"trails": 3}}, "sweep: unknown parameter 'trails': did"),
        ({"search": RATE, "sweep": {"objective": "mse"}}, "sweep.objective: is 'mse': "),
        ({"search": RATE, "model": "kirchhoffnet", "dataset": "two_moons"},
         "two_moons has no validation split, and the test set must not choose; it cannot k"),
        ({"search": RATE, "model": "kirchhoffnet", "dataset": "digits"},
         'ask for one: "dataset_options": {"validation": ...}, a number of examples such as 300'),
    ],
)  # fmt: skip
def test_refusals_name_the_place(more, said):
    with pytest.raises(StudioError, match=re.escape(said)):
        read_sweep({**FIXED, **more})


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (3, "3"), (4.0, "4"), (0.1, "0.1"), ("a", "a")]
)
def test_values_as_the_command_line_has_them(value, text):
    assert text_of(value) == text
