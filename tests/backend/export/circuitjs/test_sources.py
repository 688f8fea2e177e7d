"""Waveforms beside the simulator's own definition, in and out, with any phase."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import CircuitError, ExportError
from backend.export.circuitjs.sources import OLD_DUTY, Source, read_source, write_source
from backend.waveforms.constant import Constant
from backend.waveforms.piecewise_linear import PiecewiseLinear
from backend.waveforms.pulse import Pulse
from backend.waveforms.sine import Sine

SPAN = 0.1


def stated(source: Source, t: np.ndarray) -> np.ndarray:
    """The voltage by the definition that circuitjs gives of its waveforms."""
    x = (t * source.frequency + source.phase / (2 * math.pi)) % 1.0
    shape = {
        0: np.ones_like(x),
        1: np.sin(2 * math.pi * x),
        2: np.where(x > source.duty, -1.0, 1.0),
        3: np.where(x < 0.5, 4 * x - 1, 3 - 4 * x),
        4: 2 * x - 1,
        5: np.where(x < source.duty, 1.0, 0.0),
    }[source.form]
    return source.bias + source.peak * shape


SOURCES = st.builds(
    Source,
    form=st.integers(0, 5),
    frequency=st.floats(11, 300),
    peak=st.floats(-9, 9),
    bias=st.floats(-4, 4),
    phase=st.floats(-7, 7),
    duty=st.floats(0.05, 0.95),
)


def differs(source: Source, u, t: np.ndarray) -> np.ndarray:
    found = np.array([u.at(float(value)) for value in t])
    # An edge in the place of a jump also shortens the ramp before it, by 1e-5.
    return np.abs(found - stated(source, t)) > 1e-4 * (1 + abs(source.peak) + abs(source.bias))


@given(SOURCES, st.integers(0, 99))
def test_the_voltage_is_the_simulator_s_but_for_brief_edges(source, seed):
    t = np.random.default_rng(seed).uniform(0, SPAN, 200)
    waveform = read_source(source, SPAN)
    assert differs(source, waveform, t).mean() < 0.02


@given(SOURCES, st.integers(0, 99))
def test_what_can_be_written_is_read_as_the_same(source, seed):
    waveform = read_source(source, SPAN)
    if isinstance(waveform, PiecewiseLinear):
        with pytest.raises(ExportError, match="piecewise_linear"):
            write_source(waveform)
        return
    again = write_source(waveform)
    t = np.random.default_rng(seed).uniform(0, SPAN, 100)
    assert differs(again, read_source(again, SPAN), t).mean() < 0.03
    assert differs(again, waveform, t).mean() < 0.03


def test_old_pulses_have_a_width_of_their_own():
    assert pytest.approx(0.159155, abs=1e-6) == OLD_DUTY


@pytest.mark.parametrize(("duty", "volts"), [(0.0, -5.0), (1.0, 5.0), (1.5, 5.0)])
def test_a_square_wave_that_never_changes_is_constant(duty, volts):
    assert read_source(Source(2, duty=duty), SPAN) == Constant(volts)


@pytest.mark.parametrize(
    "waveform",
    [
        Sine(delay=0.1),
        Sine(damping=1.0),
        Pulse(rise=0.1, fall=0.1, width=0.2),
        Pulse(delay=0.9, rise=1e-6, fall=1e-6, width=0.5),
        PiecewiseLinear((0.0, 1.0), (0.0, 1.0)),
    ],
    ids=lambda waveform: type(waveform).__name__,
)
def test_other_waveforms_are_refused_in_words(waveform):
    with pytest.raises(ExportError, match=f"its waveform '{waveform.kind}' cannot be said"):
        write_source(waveform)


def test_other_forms_are_refused_in_words():
    with pytest.raises(CircuitError, match="its waveform is noise; those read are"):
        read_source(Source(6), SPAN)
    with pytest.raises(CircuitError, match="its waveform is number 12"):
        read_source(Source(12), SPAN)
    with pytest.raises(CircuitError, match="its frequency is 0 Hz"):
        read_source(Source(1, 0.0), SPAN)
