"""Operating points, poles and small signals against formulas."""

import numpy as np
import pytest

from backend.errors import CircuitError, StudioError
from backend.simulation.nodal.signals import poles, sweep
from backend.simulation.operating_point import operating_point
from tests.named_circuits import circuit, device, differential_pair, divider, series_rlc


def test_a_divider_rests_where_it_divides():
    found = operating_point(divider())
    assert found.voltages == pytest.approx({"in": 9.0, "out": 3.0})
    assert found.currents["v"] == pytest.approx(-6e-3)
    assert found.stable


def test_a_diode_rests_on_its_law():
    """I = I_s (exp(v / V_T) - 1) through the resistor that feeds it."""
    found = operating_point(
        circuit(
            {"a": 0.0, "k": 0.0},
            [
                device("v", "voltage_source", "a", "gnd", voltage=5.0),
                device("r", "resistor", "a", "k", conductance=1e-3),
                device("d", "junction_diode", "k", "gnd"),
            ],
            1.0,
            "k",
        )
    )
    volts = found.voltages["k"]
    current = 1e-14 * np.expm1(volts / 0.02585)
    assert (5.0 - volts) * 1e-3 == pytest.approx(current, rel=1e-8)


def test_a_latch_that_is_balanced_is_called_unstable():
    latch = circuit(
        {"p": 1.0, "q": 1.0},
        [
            device("r", "resistor", "p", "gnd"),
            device("s", "resistor", "q", "gnd"),
            device("f", "vccs", "p", "gnd", gain=3.0, terminals={"plus": "q", "minus": "gnd"}),
            device("b", "vccs", "q", "gnd", gain=3.0, terminals={"plus": "p", "minus": "gnd"}),
        ],
        1.0,
        "p",
    )
    found = operating_point(latch)
    assert found.stable is False
    assert "unstable" in found.sentence


def test_what_only_capacitors_reach_has_no_operating_point():
    with pytest.raises(CircuitError, match="only capacitors lead there"):
        operating_point(
            circuit(
                {"a": 0.0, "b": 1.0},
                [
                    device("v", "voltage_source", "a", "gnd"),
                    device("c", "capacitor", "a", "b"),
                ],
                1.0,
                "b",
            )
        )


def test_poles_of_a_series_rlc():
    wanted = np.roots([1e-3 * 1e-6, 10 * 1e-6, 1.0])
    np.testing.assert_allclose(
        np.sort_complex(poles(series_rlc())), np.sort_complex(wanted), rtol=1e-9
    )


def test_the_response_of_a_series_rlc():
    found = sweep(series_rlc(), "v", np.logspace(1, 6, 31))
    s = 2j * np.pi * found.frequencies
    wanted = 1 / (1 + s * 10 * 1e-6 + s * s * 1e-9)
    np.testing.assert_allclose(found.voltages[:, 2], wanted, rtol=1e-9)
    assert found.decibels[0, 2] == pytest.approx(0.0, abs=1e-3)


def test_a_source_that_is_not_there_is_named():
    with pytest.raises(StudioError, match="there is no source 'w'"):
        sweep(series_rlc(), "w", [1.0])


def test_the_gain_of_a_pair_is_that_of_its_operating_point():
    """At low frequency the response is the derivative of the operating point by the source."""
    from tests.backend.simulation.nodal.test_adjoint import with_param

    pair = differential_pair()
    found = sweep(pair, "vb", [1.0])
    low, high = (
        operating_point(with_param(pair, 1, "voltage", v)).voltages["c1"] for v in (-1e-4, 1e-4)
    )
    assert found.voltages[0, 2].real == pytest.approx((high - low) / 2e-4, rel=1e-4)
