"""A method is a table, and a wrong table is refused."""

import re
from dataclasses import replace

import pytest

from backend.engine.tableaus import DORMAND_PRINCE, EULER, HEUN, MIDPOINT, RK4, ButcherTableau


def test_a_slip_in_a_row_is_named():
    with pytest.raises(ValueError, match="sum of row 2 of a"):
        replace(RK4, a=[[], [1 / 2], [0, 1 / 3], [0, 0, 1]])


def test_weights_that_do_not_sum_to_one_are_refused():
    with pytest.raises(ValueError, match=re.escape("sum of b c^0")):
        replace(RK4, b=[1 / 6, 1 / 3, 1 / 3, 1 / 3])


def test_a_claimed_order_is_checked():
    with pytest.raises(ValueError, match=re.escape("sum of b c^2")):
        replace(HEUN, order=3)


def test_embedded_weights_are_checked():
    with pytest.raises(ValueError, match="embedded b"):
        replace(DORMAND_PRINCE, order_low=5)


def test_dense_weights_must_end_at_the_weights():
    rows = [list(row) for row in DORMAND_PRINCE.dense or ()]
    rows[0][1] += 1e-3
    with pytest.raises(ValueError, match=re.escape("b(0.25)")):
        replace(DORMAND_PRINCE, dense=rows)


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="3 stages"):
        ButcherTableau(c=[0, 1], a=[[], [1]], b=[0.5, 0.5, 0], order=1)


def test_dense_output_needs_dense_weights():
    with pytest.raises(ValueError, match="no dense output"):
        EULER.dense_weights(0.5)


def test_what_the_steps_need_is_derived():
    assert DORMAND_PRINCE.fsal
    assert DORMAND_PRINCE.stages == 6
    assert not RK4.fsal
    assert MIDPOINT.rows == ((), ((0, 0.5),))
    assert MIDPOINT.columns == (((1, 0.5),), ())
    assert MIDPOINT.weights == ((1, 1.0),)
