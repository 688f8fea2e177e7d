"""The example ``mean-field`` against the rule that KITINet computes with."""

import shutil

import numpy as np
import pytest
import torch

from backend.circuit import Circuit
from backend.engine.collide import collide
from backend.export.verify import verify
from backend.models.kitinet.gas import NO_CIRCUIT
from backend.simulation.simulate import simulate
from designer.gallery import Gallery
from tests.designer import mean_field_gas as gas

STEP = 1e-3
"""[s] of the rule in small steps."""


@pytest.fixture(scope="module")
def trajectory():
    circuit, settings = Gallery().load("mean-field")
    return simulate(Circuit.from_dict(circuit), **settings, outputs=41, rtol=1e-10, atol=1e-12)


def collided(v: np.ndarray, c: float) -> np.ndarray:
    """One mean-field collision of the particles; velocities along x alone."""
    x = torch.tensor(gas.places(), dtype=torch.double)[None]
    moving = torch.zeros_like(x)
    moving[0, :, 0] = torch.from_numpy(v)
    after = collide(x, moving, coll=c, length=1.0, mode="mean_field")[0]
    assert torch.equal(after[:, 1], moving[0, :, 1])
    return after[:, 0].numpy()


def test_the_file_is_what_the_script_writes():
    assert gas.PATH.read_text(encoding="utf-8") == gas.circuit().to_json()


def test_the_slope_is_the_rule_in_small_steps_at_all_times(trajectory):
    """(v' - v)/dt with c = rate dt; p is linear in c, so any small c gives the slope itself."""
    capacitance = 1.0
    pulled = np.zeros_like(trajectory.voltages)
    circuit = gas.circuit()
    for column, device in enumerate(circuit.slices[0].devices):
        current = trajectory.currents[:, column]
        pulled[:, circuit.node_ids.index(device.source)] -= current
        pulled[:, circuit.node_ids.index(device.target)] += current
    slopes = pulled / capacitance
    for v, slope in zip(trajectory.voltages, slopes, strict=True):
        rule = (collided(v, gas.RATE * STEP) - v) / STEP
        np.testing.assert_allclose(slope, rule, rtol=1e-6, atol=1e-8)


def test_many_small_collisions_are_the_circuit_and_small_steps_converge(trajectory):
    """Euler's steps of the rule: the error at the end halves with the step."""
    errors = []
    for steps in (200, 400):
        v = np.array(trajectory.voltages[0])
        for _ in range(steps):
            v = collided(v, gas.RATE * gas.DURATION / steps)
        errors.append(np.abs(v - trajectory.voltages[-1]).max())
    assert errors[0] < 2e-3
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.05)


def test_charge_stays_and_energy_decays_to_that_of_the_mean(trajectory):
    v = trajectory.voltages
    np.testing.assert_allclose(v.sum(1), v[0].sum(), rtol=1e-12)
    energy = 0.5 * np.square(v).sum(1)
    assert (np.diff(energy) < 0).all()
    rate = 2 * (2 * np.exp(-1) + np.exp(-2))  # of every difference [1/s], q/2 times 10/s is 1
    wanted = 0.5 * 6 * 0.6**2 + 0.5 * 6 * 0.4**2 * np.exp(-2 * rate * trajectory.t)
    np.testing.assert_allclose(energy, wanted, rtol=1e-6)


@pytest.mark.spice
@pytest.mark.skipif(shutil.which("ngspice") is None, reason="ngspice is not on PATH")
def test_ngspice_agrees():
    result = verify(gas.circuit(), tolerance=1e-3)
    assert result.ok, result.text


def test_those_who_ask_for_a_netlist_are_sent_here():
    title = next(e["title"] for e in Gallery().entries if e["id"] == "mean-field")
    assert f"'{title}'" in NO_CIRCUIT
    assert gas.circuit().name == title
