import numpy as np
import pytest
import torch
from scipy.stats import norm

from backend.circuit import Circuit, Device, Node, Slice
from backend.circuit.compile import compile_circuit
from backend.models.circuits.flow import Flow
from backend.simulation.simulate import simulate
from designer import serialize


def plane(kind="tanh", **params):
    """Two nodes, each with a device to ground, in two slices of unequal lengths."""
    slices = []
    for number, duration in ((1, 0.5), (2, 1.0)):
        devices = (
            Device(f"x{number}", kind, "x", "gnd", {**params}),
            Device(f"y{number}", kind, "y", "gnd", {**params}),
        )
        slices.append(Slice(devices[: 3 - number], duration))
    return Circuit((Node("x", role="both"), Node("y", role="both")), tuple(slices), "plane")


@pytest.fixture
def picture(client):
    def ask(circuit):
        answer = client.post("/api/flow", json={"circuit": circuit.to_dict()}).json
        return serialize.decode(client.get(answer["url"]).data)

    return ask


def test_density_of_a_linear_flow_is_the_closed_form(picture):
    """x decays all the time, y during the first slice: independent normals of known width."""
    header, arrays = picture(plane("resistor", conductance=0.4))
    axes = [np.linspace(header["low"][k], header["high"][k], 72) for k in range(2)]
    points = np.stack(np.meshgrid(*axes), -1)
    for place, time in enumerate(arrays["picture_t"]):
        width = np.exp(-0.4 * np.array([time, min(time, 0.5)]))
        exact = norm.pdf(points, scale=width).prod(-1)
        np.testing.assert_allclose(arrays["density"][place], exact, atol=2e-4)


def test_the_cloud_goes_where_the_simulation_goes(picture):
    circuit = plane("tanh", a=0.8, b=0.1, c=0.3)
    _, arrays = picture(circuit)
    for point in (0, 500):
        start = dict(zip("xy", arrays["cloud"][0, point].tolist(), strict=True))
        whole = simulate(circuit, solver="rk4", steps=200, outputs=61, voltages=start)
        np.testing.assert_allclose(arrays["cloud"][:, point], whole.voltages, atol=1e-5)


def test_the_field_is_the_current_over_the_capacitance(picture):
    _, arrays = picture(plane("resistor", conductance=0.4))
    assert arrays["field_t"].tolist() == [0, 0.5]
    x, y = arrays["field_points"].T
    np.testing.assert_allclose(arrays["field"][0], np.stack([-0.4 * x, -0.4 * y], 1), atol=1e-6)
    np.testing.assert_allclose(arrays["field"][1], np.stack([-0.4 * x, 0 * y], 1), atol=1e-6)


def test_a_law_with_a_kink_has_a_cloud_and_no_density(picture):
    circuit = plane("relu", a=0.8, b=0.1, c=0.3)
    header, arrays = picture(circuit)
    assert "density" not in arrays
    assert header["note"] == "No density: 'relu' has a kink."
    start = dict(zip("xy", arrays["cloud"][0, 3].tolist(), strict=True))
    whole = simulate(circuit, solver="rk4", steps=400, outputs=61, voltages=start)
    np.testing.assert_allclose(arrays["cloud"][:, 3], whole.voltages, atol=1e-3)


def test_other_circuits_are_refused_in_words(client, rc):
    answer = client.post("/api/flow", json={"circuit": rc})
    assert answer.status_code == 422
    assert "two nodes" in answer.json["error"]["message"]


def test_a_cloud_that_explodes_is_refused_in_words(client):
    answer = client.post(
        "/api/flow", json={"circuit": plane("resistor", conductance=-300.0).to_dict()}
    )
    assert answer.status_code == 422
    assert answer.json["error"]["message"]


@pytest.mark.parametrize("conductance", [30.0, 300.0])
def test_a_fast_circuit_has_the_right_cloud_or_a_refusal(picture, client, conductance):
    """Eight steps a slice, once taken for every circuit, multiply a decay of 300/s by 10^20."""
    _, arrays = picture(plane("resistor", conductance=conductance))
    start, t = arrays["cloud"][0], arrays["t"][:, None]
    exact = start[None, :, 0] * np.exp(-conductance * t)
    np.testing.assert_allclose(arrays["cloud"][..., 0], exact, atol=1e-3 * np.abs(start).max())
    far = client.post("/api/flow", json={"circuit": plane("resistor", conductance=3e5).to_dict()})
    assert far.status_code == 422
    assert "moves too fast" in far.json["error"]["message"]


def test_a_steep_density_is_settled_or_left_out(picture):
    """A diode squeezes the cloud: the density of eight steps was off by a factor of two."""
    circuit = Circuit(
        (Node("x", role="both"), Node("y", role="both")),
        (Slice((Device("r", "resistor", "x", "y"), Device("d", "diode", "y", "gnd")), 1.0),),
    )
    header, arrays = picture(circuit)
    axes = [np.linspace(header["low"][k], header["high"][k], 72) for k in range(2)]
    flow = Flow(compile_circuit(circuit, torch.float64), 4000)
    fine = flow.density_on([torch.tensor(axis) for axis in axes]).numpy()
    assert np.abs(arrays["density"][-1] - fine).max() < 0.03 * fine.max()
