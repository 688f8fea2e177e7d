import json
import math

import numpy as np
import pytest

from backend.circuit import Circuit
from backend.simulation.simulate import simulate
from designer.gallery import FOLDER, Gallery

GALLERY = Gallery()


def solved(id, **changes):
    circuit, settings = GALLERY.load(id)
    return simulate(Circuit.from_dict(circuit), **{**settings, **changes})


DRAWN = [id for id in GALLERY.ids() if not GALLERY.is_network(id)]


def test_every_file_is_listed_once():
    files = {path.name.split(".")[0] for path in FOLDER.glob("*.json")} - {"gallery"}
    files |= {path.name.split(".")[0] for path in FOLDER.glob("*.safetensors.xz")}
    assert set(GALLERY.ids()) == files
    assert len(set(GALLERY.ids())) == len(GALLERY.ids())


@pytest.mark.parametrize("id", DRAWN)
def test_every_example_runs(id):
    circuit, _ = GALLERY.load(id)
    described = Circuit.from_dict(circuit)
    assert described.to_dict() == circuit, "write the file with Circuit.to_json"
    trajectory = solved(id, energy=True)
    assert trajectory.status.ok
    assert np.isfinite(trajectory.voltages).all()
    assert np.abs(trajectory.voltages).max() < 10
    assert trajectory.kcl_residual.max() < 1e-9
    assert trajectory.energy.state == "balanced"
    assert described.outputs, "an example without outputs has no adjoint"


@pytest.mark.parametrize("id", DRAWN)
def test_nodes_do_not_overlap(id):
    circuit, _ = GALLERY.load(id)
    places = [(node["x"], node["y"]) for node in circuit["nodes"]]
    nearest = min(math.dist(a, b) for k, a in enumerate(places) for b in places[:k])
    assert nearest >= 60


def test_texts_are_short_and_complete():
    for entry in json.loads((FOLDER / "gallery.json").read_text(encoding="utf-8")):
        assert entry["text"].endswith(".")
        assert len(entry["text"]) < 120


def test_rc_pair_is_the_closed_form_at_its_time_constant():
    trajectory = solved("rc-pair", outputs=7)  # 0, 0.5 s, ...
    np.testing.assert_allclose(trajectory["a"][1], (1 + math.exp(-1)) / 2, atol=1e-6)


def test_the_wave_travels_and_loops():
    trajectory = solved("travelling-wave")
    outer = trajectory.voltages[:, :20]
    # Two crests stand on the ring; the phase of that pattern says where.
    phase = np.unwrap(np.angle(np.fft.fft(outer, axis=1)[:, 2]))
    turned = (phase - phase[0]) / (2 * np.pi)
    assert abs(turned[-1]) == pytest.approx(2, abs=0.05), "two turns, always the same way"
    assert (np.diff(turned) * np.sign(turned[-1]) > 0).all()
    assert outer.max(axis=1).min() > 0.5, "it does not die out"
    jump = np.abs(trajectory.voltages[-1] - trajectory.voltages[0]).max()
    assert jump < 0.1, "playing it in a loop shows no jump"


def test_the_sorter_keeps_the_order_and_pulls_it_apart():
    trajectory = solved("sorter")
    start, end = trajectory.voltages[0], trajectory.voltages[-1]
    assert np.argsort(start).tolist() == np.argsort(end).tolist()
    assert np.diff(np.sort(end)).min() > 10 * np.diff(np.sort(start)).min()


def test_the_rectifier_conducts_one_way():
    trajectory = solved("rectifier")
    assert trajectory["source"].min() < -1
    assert trajectory["dc"].min() > -1e-6
    assert trajectory["dc"][-1] > 0.3


def test_diffusion_keeps_the_charge():
    trajectory = solved("grid-diffusion")
    np.testing.assert_allclose(trajectory.voltages.sum(axis=1), 0, atol=1e-9)
    assert np.ptp(trajectory.voltages[-1]) < 0.2 * np.ptp(trajectory.voltages[0])


def test_the_oscillator_does_not_settle():
    trajectory = solved("ring-oscillator")
    late = trajectory["n1"][len(trajectory.t) // 2 :]
    assert np.ptp(late) > 2
    assert np.count_nonzero(np.diff(np.sign(late))) >= 2


def test_the_pulse_travels_from_tap_to_tap():
    """Each cell adds its time constant 0.8 s to the mean and 0.64 s^2 to the variance."""
    circuit, _ = GALLERY.load("cascade")
    longer = {**circuit, "slices": [{**circuit["slices"][0], "duration": 16.0}]}
    trajectory = simulate(Circuit.from_dict(longer), outputs=3201)
    t = trajectory.t
    moments = []
    for tap in ("u", "v1", "v2", "v3"):
        v = trajectory[tap]
        area = np.trapezoid(v, t)
        mean = np.trapezoid(t * v, t) / area
        moments.append((area, mean, np.trapezoid((t - mean) ** 2 * v, t) / area))
    areas, means, variances = np.array(moments).T
    np.testing.assert_allclose(areas, areas[0], rtol=1e-4)
    np.testing.assert_allclose(np.diff(means), 0.8, rtol=1e-3)
    np.testing.assert_allclose(np.diff(variances), 0.64, rtol=1e-2)
