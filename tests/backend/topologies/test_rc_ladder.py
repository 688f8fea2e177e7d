"""The RC ladder against its exact answer exp(-G L t / C) v0."""

import numpy as np
import pytest
from scipy.linalg import expm

from backend.simulation.simulate import simulate
from backend.topologies import TOPOLOGIES


@pytest.mark.parametrize("load", [False, True])
def test_exact_ladder(load: bool) -> None:
    ladder = TOPOLOGIES["rc_ladder"](
        sections=7, conductance=2.5, capacitance=0.4, voltage=1.5, load=load, duration=2.0
    )()
    laplacian = np.diag([1.0, *[2.0] * 5, 1.0 + load])
    laplacian -= np.diag(np.ones(6), 1) + np.diag(np.ones(6), -1)
    v0 = np.array([1.5, *[0.0] * 6])
    trajectory = simulate(ladder, solver="dopri5", rtol=1e-10, atol=1e-12, outputs=21)
    exact = np.array([expm(-2.5 / 0.4 * t * laplacian) @ v0 for t in trajectory.t])
    assert trajectory.voltages == pytest.approx(exact, abs=1e-6)
    assert ladder.inputs == ("n1",)
    assert ladder.outputs == ("n7",)


def test_other_kinds_take_the_line_too() -> None:
    ladder = TOPOLOGIES["rc_ladder"](kind="tanh_diff", sections=4)()
    assert {device.kind for device in ladder.devices} == {"tanh_diff"}
    assert len({device.params["g"] for device in ladder.devices}) == 3
