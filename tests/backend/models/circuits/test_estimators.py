"""Circuits as scikit-learn estimators: its own checks, and what only circuits promise."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes, make_moons
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures
from sklearn.utils.estimator_checks import parametrize_with_checks

from backend.circuit.files import write_circuit
from backend.errors import CircuitError, StudioError
from backend.models.circuits.estimators import LOGIT_SCALE, KirchhoffClassifier, KirchhoffRegressor
from backend.simulation.simulate import simulate
from backend.topologies import TOPOLOGIES

MOONS = make_moons(200, noise=0.1, random_state=0)


# All of them hold: no check is expected to fail.
@parametrize_with_checks([KirchhoffClassifier(), KirchhoffRegressor()])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def test_bent_classes_in_a_pipeline_under_cross_validation():
    x, y = MOONS
    bent = make_pipeline(PolynomialFeatures(2, include_bias=False), KirchhoffClassifier())
    bent.set_params(kirchhoffclassifier__random_state=0, kirchhoffclassifier__epochs=60)
    scores = cross_val_score(bent, x, np.where(y, "upper", "lower"), cv=3)
    straight = cross_val_score(LogisticRegression(), x, y, cv=3)
    assert scores.mean() > 0.97 > straight.mean()


def test_numbers_that_no_plane_fits():
    x = np.random.default_rng(0).uniform(-2, 2, (300, 2))
    y = np.stack([np.sin(2 * x[:, 0]) + x[:, 1], 50 * np.abs(x[:, 1])], axis=1)
    ours = KirchhoffRegressor(random_state=0, epochs=80).fit(x[:200], y[:200])
    assert ours.predict(x[200:]).shape == (100, 2)
    plane = LinearRegression().fit(x[:200], y[:200])
    assert ours.score(x[200:], y[200:]) > 0.9 > plane.score(x[200:], y[200:])


def test_the_trained_circuit_answers_as_the_estimator_does():
    """Simulated by itself, from features scaled by hand."""
    x, y = MOONS
    fitted = KirchhoffClassifier(random_state=0, epochs=5).fit(x, y)
    circuit = fitted.circuit_
    volts = (x[3] - x.mean(axis=0)) / x.std(axis=0)
    start = dict(zip(circuit.inputs, volts.tolist(), strict=True))
    end = simulate(circuit, solver="rk4", steps=fitted.steps, voltages=start, check=False)
    odds = np.exp([LOGIT_SCALE * end[name][-1] for name in circuit.outputs])
    assert fitted.predict_proba(x[3:4])[0] == pytest.approx(odds / odds.sum(), abs=1e-5)
    again = pickle.loads(pickle.dumps(fitted))
    assert np.array_equal(again.predict_proba(x), fitted.predict_proba(x))


def test_a_circuit_of_ones_own_is_trained_further(tmp_path):
    x, y = MOONS
    circuit = TOPOLOGIES["layered"](inputs=2, width=8, depth=1, outputs=2, kind="tanh_diff")(3)
    write_circuit(circuit, tmp_path / "own.json")
    first = KirchhoffClassifier(circuit, random_state=0, epochs=3)
    fitted = clone(first).fit(x, y)
    assert {device.kind for device in fitted.circuit_.devices} == {"tanh_diff"}
    assert not hasattr(first, "circuit_")
    from_file = clone(first).set_params(circuit=tmp_path / "own.json").fit(x, y)
    assert np.array_equal(from_file.predict_proba(x), fitted.predict_proba(x))
    further = clone(first).set_params(circuit=fitted.circuit_, epochs=20).fit(x, y)
    assert further.loss_curve_[-1] < fitted.loss_curve_[-1]
    with pytest.raises(CircuitError, match="need 10 input and 1 output nodes, the circuit has 2"):
        KirchhoffRegressor(circuit).fit(*load_diabetes(return_X_y=True))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epochs": 0}, "epochs must be a whole number of at least 1, got 0"),
        ({"epochs": 1.5}, "epochs must be a whole number of at least 1, got 1.5"),
        ({"batch_size": 7.5}, "batch_size must be a whole number of at least 1, got 7.5"),
        ({"hidden": 0}, "hidden must be a whole number of at least 1"),
        ({"hidden": "8"}, "hidden must be a whole number of at least 1, got '8'"),
        ({"learning_rate": -1}, "learning_rate must be a finite number, positive, got -1"),
        ({"learning_rate": float("inf")}, "learning_rate must be a finite number"),
        ({"weight_decay": -1}, "weight_decay must be a finite number, at least 0, got -1"),
        ({"solver": "dopri5"}, "solver dopri5 takes no number of steps; choose one of euler"),
        ({"solver": "rk5"}, "unknown solver 'rk5'"),
        ({"learning_rate": 1e6}, "diverged in epoch [1-9]"),
    ],
)
def test_bad_settings_are_said_in_a_sentence(settings, message):
    with pytest.raises(StudioError, match=message):
        KirchhoffRegressor(random_state=0, **settings).fit(*load_diabetes(return_X_y=True))


@pytest.mark.parametrize("size", [1e-310, 1e-200, 1e200, 1e300])
def test_the_unit_of_the_data_does_not_matter(size):
    """Squares of such features vanish or overflow."""
    x, y = MOONS
    usual = KirchhoffClassifier(random_state=0, epochs=5).fit(x, y)
    other = KirchhoffClassifier(random_state=0, epochs=5).fit(size * x, y)
    expected = usual.predict_proba(x)
    assert other.predict_proba(size * x) == pytest.approx(expected, abs=1e-3)
    targets = KirchhoffRegressor(random_state=0, epochs=5).fit(x, size * x[:, 0])
    assert targets.target_scale_ / size == pytest.approx(x[:, 0].std(), rel=1e-9)


def test_a_constant_feature_is_no_magnifying_glass():
    """The mean of sixty tenths is rounded: 0.2 in their place counted as 1e15 V."""
    x = np.c_[MOONS[0][:60], np.full(60, 0.1)]
    fitted = KirchhoffClassifier(random_state=0, epochs=2).fit(x, MOONS[1][:60])
    assert fitted.scale_[2] == 1
    assert fitted.mean_[2] == 0.1
