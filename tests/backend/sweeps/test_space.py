"""What a search may look like, and what is said of one that it may not."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import InputError
from backend.sweeps.space import LARGEST, Choice, Range, read_space

SCALARS = st.one_of(
    st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.none(),
    st.lists(st.integers(), max_size=2),
)  # fmt: skip
FINITE = st.floats(-1e6, 1e6, allow_nan=False)


FIELDS = st.sampled_from(["low", "high", "log", "step", "choices", "hi"])
DIMENSIONS = st.one_of(SCALARS, st.dictionaries(FIELDS, SCALARS, max_size=4))


def understood(data) -> dict:
    """The space of anything; nothing where it is refused, which must be with its place."""
    try:
        return read_space(data)
    except InputError as error:
        found = error
    assert found.where[0] == "search"
    assert found.message
    return {}


@given(st.dictionaries(st.text(max_size=8), DIMENSIONS))
def test_anything_is_understood_or_refused_with_its_place(data):
    for dimension in understood(data).values():
        if isinstance(dimension, Choice):
            assert len(dimension.choices) >= 2
        else:
            assert dimension.low < dimension.high
            assert not (dimension.log and dimension.low <= 0)
        assert all(dimension.holds(value) for value in dimension.ends().values())


@given(FINITE, FINITE, st.booleans())
def test_ranges_survive_files(one, other, log):
    low, high = sorted((abs(one) + 1e-6, abs(other) + 1e-6))
    if low == high:
        high += 1
    given = {"x": {"low": low, "high": high, "log": log}}
    space = read_space(given)
    assert space == {"x": Range(low, high, log)}
    assert read_space({name: found.to_dict() for name, found in space.items()}) == space
    assert space["x"].holds(math.sqrt(low * high))
    assert not space["x"].holds(high * 1.01 + 1)


@given(st.integers(-1000, 1000), st.integers(1, 50), st.integers(1, 50))
def test_steps_lead_from_end_to_end(low, step, count):
    high = low + step * count
    found = read_space({"x": {"low": low, "high": high, "step": step}})["x"]
    assert found.holds(low + step)
    if step > 1:
        assert not found.holds(low + 1)
        with pytest.raises(InputError, match=f"take {high} for high"):
            read_space({"x": {"low": low, "high": high + 1, "step": step}})


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, "search: expected ranges by the name of a setting"),
        ({}, "search: expected ranges"),
        ({"x": 3}, "search.x: expected {"),
        ({"x": {"low": 0, "hihg": 1}}, "search.x: unknown field 'hihg': did you mean 'high'?"),
        ({"x": {"low": 0}}, "search.x.high: expected a finite number, got nothing"),
        ({"x": {"low": 0, "high": True}}, "search.x.high: expected a finite number, got true"),
        ({"x": {"low": 0, "high": LARGEST * 10}}, "search.x.high: expected a finite number"),
        ({"x": {"low": 2, "high": 1}}, "search.x.high: must be more than low, 2, got 1"),
        ({"x": {"low": 0, "high": 1, "log": True}}, "search.x.low: must be above 0 where log"),
        ({"x": {"low": 1, "high": 9, "log": True, "step": 2}}, "search.x.step: cannot stand"),
        ({"x": {"low": 1, "high": 9, "step": 0.5}}, "search.x.step: must be a whole number"),
        ({"x": {"choices": ["a"]}}, "search.x.choices: expected a list of 2 to 100 values"),
        ({"x": {"choices": ["a", "a"]}}, "search.x.choices: 'a' stands twice; leave one out"),
    ],
)
def test_refusals_say_what_to_do(data, said):
    with pytest.raises(InputError, match=re.escape(said)):
        read_space(data)


def test_true_is_not_one():
    assert read_space({"x": {"choices": [True, 1]}})["x"] == Choice((True, 1))
    assert not Choice((0, 1)).holds(True)
