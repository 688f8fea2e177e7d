"""Circuits as layers: gradients against an integrator written here, under torch's optimisers."""

import copy
import pickle
import shutil
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from backend.circuit import GROUND, Circuit, Device, Node, Slice
from backend.circuit.files import write_circuit
from backend.errors import CircuitError, SolveError, StudioError
from backend.models import KirchhoffNet
from backend.models.circuits.layer import CircuitLayer
from backend.runs import RunDirectory
from backend.simulation.simulate import make_solver, simulate
from backend.topologies import TOPOLOGIES

GOLDEN_RUN = next((Path(__file__).parents[3] / "golden" / "runs").iterdir())
STEPS = 8
LAWS = {
    "resistor": lambda s, d, p: p["conductance"] * (s - d),
    "tanh": lambda s, d, p: torch.tanh(p["a"] * s + p["b"] * d + p["c"]),
    "rectifier": lambda s, d, p: p["conductance"] * torch.relu(s - d - p["threshold"]),
    "threshold_leaky_relu": lambda s, d, p: (
        p["gain"] * torch.nn.functional.leaky_relu(s - d - p["threshold"], 0.01)
    ),
    "softplus": lambda s, d, p: torch.log1p(torch.exp(p["a"] * s + p["b"] * d + p["c"])),
    "diode": lambda s, d, p: (
        p["saturation_current"] * (torch.exp((s - d) / (p["ideality"] * 0.02585)) - 1)
    ),
}


def mixed(scale: float = 1.0, diode: bool = True) -> Circuit:
    """Two slices, a locked resistor; conductances and capacitances grow by ``scale``.

    The currents of tanh and softplus do not grow, so other laws take their places but for 1 S.
    """
    nodes = (
        Node("i1", capacitance=scale, role="input"),
        Node("h", 0.3, 2 * scale),
        Node("o1", capacitance=scale, role="output"),
        Node("i2", capacitance=0.5 * scale, role="both"),
    )
    slopes = {"a": 0.8, "b": -0.3, "c": 0.1}
    leaky = {"gain": 0.8 * scale, "threshold": 0.1}
    curved = [("tanh", slopes), ("softplus", slopes)]
    third, fifth = curved if scale == 1.0 else [("threshold_leaky_relu", leaky)] * 2
    first = [
        Device("d1", "resistor", "i1", "h", {"conductance": 0.7 * scale}),
        Device("d2", "resistor", "h", GROUND, {"conductance": 0.2 * scale}, trainable=False),
        Device("d3", third[0], "i2", "h", third[1]),
        Device("d4", "rectifier", "h", "o1", {"conductance": 1.1 * scale, "threshold": -0.2}),
    ]
    second = [
        Device("d5", fifth[0], "h", "o1", fifth[1]),
        Device("d6", "resistor", "i2", "o1", {"conductance": 0.9 * scale}),
    ]
    if diode:
        parameters = {"saturation_current": 1e-9 * scale, "ideality": 1.5}
        second.append(Device("d7", "diode", "i1", "o1", parameters))
    return Circuit(nodes, (Slice(tuple(first), 0.8), Slice(tuple(second), 0.5)))


def plain(circuit: Circuit, params: dict[str, dict[str, Tensor]], x: Tensor) -> Tensor:
    """Classical Runge-Kutta steps, one device after the other, one example after the other."""
    rows = {name: row for row, name in enumerate(circuit.node_ids)}
    capacitance = torch.tensor([node.capacitance for node in circuit.nodes], dtype=torch.float64)

    def slope(v: Tensor, devices: tuple[Device, ...]) -> Tensor:
        net = [torch.zeros((), dtype=torch.float64) for _ in rows]
        volt = {name: v[row] for name, row in rows.items()} | {GROUND: v.new_zeros(())}
        for device in devices:
            i = LAWS[device.kind](volt[device.source], volt[device.target], params[device.id])
            for name, sign in ((device.source, -1), (device.target, 1)):
                if name != GROUND:
                    net[rows[name]] = net[rows[name]] + sign * i
        return torch.stack(net) / capacitance

    answers = []
    for example in x:
        start = {node.id: x.new_tensor(node.voltage) for node in circuit.nodes}
        start |= dict(zip(circuit.inputs, example, strict=True))
        v = torch.stack([start[name] for name in circuit.node_ids])
        for part in circuit.slices:
            devices, h = tuple(part.devices), part.duration / STEPS
            for _ in range(STEPS):
                k1 = slope(v, devices)
                k2 = slope(v + h / 2 * k1, devices)
                k3 = slope(v + h / 2 * k2, devices)
                k4 = slope(v + h * k3, devices)
                v = v + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        answers.append(v[[rows[name] for name in circuit.outputs]])
    return torch.stack(answers)


def expected(circuit: Circuit, x: Tensor, weight: Tensor):
    """Outputs and gradients of their weighted sum, by inputs and by device and parameter."""
    x = x.detach().clone().requires_grad_()
    params = {
        device.id: {
            name: torch.tensor(value, dtype=torch.float64, requires_grad=True)
            for name, value in device.params.items()
        }
        for device in circuit.devices
    }
    y = plain(circuit, params, x)
    (y * weight.double()).sum().backward()
    return y.detach(), x.grad, params


def by_device(layer: CircuitLayer) -> dict[str, dict[str, float]]:
    """Gradients by device and parameter."""
    found: dict[str, dict[str, float]] = {}
    for field, part in zip(layer.compiled.fields(), layer.compiled.circuit.slices, strict=True):
        devices = tuple(part.devices)
        for group in field.kinds():
            for name, value in group.params.items():
                for row, place in enumerate(group.places.tolist()):
                    grad = 0.0 if value.grad is None else float(value.grad[row])
                    found.setdefault(devices[place].id, {})[name] = grad
    return found


X = torch.tensor([[0.5, -0.4], [0.1, 0.9], [-0.7, 0.2]], dtype=torch.float64)
WEIGHT = torch.tensor([[1.0, -0.5], [0.3, 0.8], [-0.6, 0.2]], dtype=torch.float64)
FORMS = [
    ("discrete", torch.float64, 1e-11),
    ("backprop", torch.float64, 1e-11),
    # Some hundred operations in float32, each off by 6e-8 of the largest summand.
    ("discrete", torch.float32, 2e-5),
]


@pytest.mark.parametrize("scale", [1e-12, 1e-9, 1e-6, 1e-3, 1.0, 1e3])
@pytest.mark.parametrize(("gradient", "dtype", "rel"), FORMS)
@pytest.mark.parametrize("diode", [True, False], ids=["with diode", "compiled"])
def test_outputs_and_gradients_are_those_of_plain_torch(diode, gradient, dtype, rel, scale):
    circuit = mixed(scale, diode)
    y, of_x, of_params = expected(circuit, X, WEIGHT)
    layer = CircuitLayer(circuit, "rk4", steps=STEPS, gradient=gradient, dtype=dtype)
    x = X.to(dtype).clone().requires_grad_()
    out = layer(x)
    assert out.dtype == dtype
    (out * WEIGHT.to(dtype)).sum().backward()
    size = float(y.abs().max())
    assert out.detach().double().numpy() == pytest.approx(y.numpy(), rel=rel, abs=rel * size)
    assert x.grad is not None
    assert x.grad.double().numpy() == pytest.approx(of_x.numpy(), rel=rel, abs=rel * size)
    found = by_device(layer)
    assert found["d2"] == {"conductance": 0.0}, "a locked device has no gradient"
    for device in circuit.devices:
        if device.trainable:
            for name, value in of_params[device.id].items():
                got = found[device.id][name]
                assert value.grad != 0
                assert got == pytest.approx(float(value.grad), rel=20 * rel), (device.id, name)


def test_gradients_are_finite_differences():
    circuit = TOPOLOGIES["layered"](inputs=2, width=3, depth=1, outputs=2)()
    layer = CircuitLayer(circuit, steps=STEPS, dtype=torch.float64)
    leaves = (X.clone().requires_grad_(), *layer.parameters())
    assert torch.autograd.gradcheck(lambda x, *_: layer(x), leaves)


def test_outputs_are_the_end_of_a_simulation():
    circuit = mixed()
    layer = CircuitLayer(circuit, "dopri5", dtype=torch.float64, rtol=1e-10, atol=1e-12)
    voltages = dict(zip(circuit.inputs, X[0].tolist(), strict=True))
    trajectory = simulate(circuit, voltages=voltages)
    ends = [trajectory[name][-1] for name in circuit.outputs]
    assert layer(X)[0].tolist() == pytest.approx(ends, rel=1e-7)


def batch() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(32, 3, generator=generator)
    return x, x[:, :1] - 0.5 * x[:, 1:2]


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize(("optimiser", "rate"), [(torch.optim.AdamW, 0.1), (torch.optim.SGD, 0.3)])
@pytest.mark.parametrize(
    ("gradient", "dtype"),
    [
        ("discrete", torch.float32),
        ("discrete", torch.float64),
        ("backprop", torch.float64),
        ("continuous", torch.float64),
    ],
)
def test_nothing_is_stale_under_torchs_own_optimisers(gradient, dtype, optimiser, rate, fused):
    """In a Sequential, in a loop of one's own; each answer is that of a new layer."""
    torch.manual_seed(0)
    circuit = TOPOLOGIES["layered"](inputs=2, width=4, depth=1, outputs=2)()
    layer = CircuitLayer(circuit, steps=4, gradient=gradient, dtype=dtype)
    net = nn.Sequential(nn.Linear(3, 2), nn.Tanh(), layer, nn.Linear(2, 1)).to(dtype)
    x, y = (value.to(dtype) for value in batch())
    steps, losses = optimiser(net.parameters(), lr=rate, fused=fused), []
    for _ in range(20):
        steps.zero_grad()
        loss = mse_loss(net(x), y)
        loss.backward()
        steps.step()
        losses.append(float(loss.detach()))
        inputs = net[1](net[0](x)).detach()
        fresh = CircuitLayer(layer.circuit(), steps=4, gradient=gradient, dtype=dtype)
        with torch.no_grad():
            assert torch.equal(layer(inputs), fresh(inputs))
    assert losses[-1] < 0.97 * losses[0]


def test_state_goes_round_and_layers_are_copied_and_stored():
    circuit = TOPOLOGIES["layered"](inputs=3, width=4, depth=1, outputs=2)
    x, _ = batch()
    layer = CircuitLayer(circuit(1), steps=4)
    wanted = layer(x).detach().clone()
    other = CircuitLayer(circuit(2), steps=4)
    assert not torch.allclose(other(x), wanted)
    other.load_state_dict(layer.state_dict())
    assert torch.equal(other(x), wanted)
    assert other.circuit().slices == layer.circuit().slices
    copies = [copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))]
    del layer
    for twin in copies:  # compiled kernels find their own plan, not that of a layer that is gone
        assert torch.equal(twin(x), wanted)
    double = copies[0].double()(x)
    assert double.dtype == torch.float64
    assert torch.allclose(double.float(), wanted, atol=1e-5)
    assert torch.equal(copies[0].float()(x), wanted)


def locked(conductance: float = 0.5) -> Circuit:
    """Two resistors of which one is locked, and a locked source."""
    nodes = (Node("a", role="input"), Node("b", role="output"))
    devices = (
        Device("r1", "resistor", "a", "b", {"conductance": 1.0}),
        Device("r2", "resistor", "b", GROUND, {"conductance": conductance}, trainable=False),
        Device("s", "current_source", GROUND, "b", {"current": 0.3}, trainable=False),
    )
    return Circuit(nodes, (Slice(devices),))


@pytest.mark.parametrize("fused", [False, True])
def test_locked_devices_stay_under_weight_decay_and_momentum(fused):
    layer = CircuitLayer(locked(), steps=4)
    optimiser = torch.optim.AdamW(layer.parameters(), lr=0.1, weight_decay=1.0, fused=fused)
    free = [name for name, value in layer.named_parameters() if value.requires_grad]
    assert len(free) == 1
    assert "conductance" in free[0]
    for _ in range(5):
        optimiser.zero_grad()
        layer(torch.ones(2, 1)).sum().backward()
        optimiser.step()
    kept = torch.cat([value.flatten() for value in layer.state_dict().values()]).tolist()
    assert kept.count(0.5) == 1
    assert kept.count(pytest.approx(0.3)) == 1
    values = {device.id: device.params for device in layer.circuit().devices}
    assert values["r2"] == {"conductance": 0.5}
    assert values["s"] == {"current": pytest.approx(0.3)}
    assert abs(values["r1"]["conductance"] - 1.0) > 0.1


def test_locked_devices_keep_what_was_loaded():
    layer = CircuitLayer(locked(), steps=4)
    layer.load_state_dict(CircuitLayer(locked(0.9), steps=4).state_dict())
    assert torch.equal(
        layer(torch.ones(1, 1)), CircuitLayer(locked(0.9), steps=4)(torch.ones(1, 1))
    )
    assert layer.circuit().devices[1].params["conductance"] == pytest.approx(0.9)


def test_values_beyond_a_bound_are_put_back():
    nodes = (Node("a", role="input"), Node("b", role="output"))
    device = Device("r", "rectifier", "a", "b", {"conductance": 0.1})
    layer = CircuitLayer(Circuit(nodes, (Slice((device,)),)), steps=4)
    optimiser = torch.optim.SGD(layer.parameters(), lr=10.0)
    layer(torch.ones(1, 1)).sum().backward()
    optimiser.step()
    assert min(float(value.detach().min()) for value in layer.parameters()) < 0
    assert layer(torch.ones(1, 1)).tolist() == [[0.0]]
    assert layer.circuit().devices[0].params["conductance"] == 0.0


def test_a_layer_passes_twice_through_one_graph():
    layer, x = CircuitLayer(mixed(), steps=STEPS), X.float()
    layer(layer(x)).sum().backward()
    twice = [value.grad for value in layer.parameters() if value.requires_grad]
    assert len(twice) > 5
    assert all(grad is not None and torch.isfinite(grad).all() for grad in twice)


def test_any_leading_shape():
    layer, x = CircuitLayer(mixed(), steps=STEPS), X.float()
    flat = layer(x)
    assert flat.shape == (3, 2)
    assert torch.equal(layer(x.reshape(3, 1, 2)), flat.reshape(3, 1, 2))
    assert torch.allclose(layer(x[0]), flat[0], atol=1e-6)
    assert layer(x[:0]).shape == (0, 2)
    assert layer(torch.ones(2, 2, dtype=torch.long)).dtype == torch.float32
    assert "in_features=2, out_features=2" in repr(layer)


def test_files_models_and_runs_are_layers(tmp_path):
    x = X.float()
    write_circuit(mixed(), tmp_path / "a.safetensors")
    wanted = CircuitLayer(mixed(), steps=STEPS)(x)
    assert torch.equal(CircuitLayer(tmp_path / "a.safetensors", steps=STEPS)(x), wanted)
    model = KirchhoffNet(mixed(), make_solver("rk4", steps=STEPS), logit_scale=4.0)
    assert torch.equal(4.0 * CircuitLayer(model, model.solver)(x), model(x))
    shutil.copytree(GOLDEN_RUN, tmp_path / "runs" / GOLDEN_RUN.name)
    run = RunDirectory(tmp_path / "runs" / GOLDEN_RUN.name)
    layer = CircuitLayer(run)
    assert type(layer.solver).__name__ == "ClassicalRungeKutta"
    assert layer.solver == make_solver(run.spec.solver, **run.spec.solver_options)
    assert layer.circuit().slices == run.circuit().slices


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: CircuitLayer(mixed())(torch.ones(3)), r"has 2 input nodes, got .* \(3,\)"),
        (lambda: CircuitLayer(mixed())(torch.tensor(1.0)), "the last number must be 2"),
        (lambda: CircuitLayer(Circuit((Node("a"),), (Slice(),))), "no input node"),
        (lambda: CircuitLayer(Circuit((Node("a", role="input"),), (Slice(),))), "no output"),
        (lambda: CircuitLayer("nowhere.json"), r"nowhere\.json: cannot be read"),
        (lambda: CircuitLayer(3), "expected a circuit, a circuit file, .* got a int"),
        (lambda: CircuitLayer(mixed(), "rk5"), "unknown solver 'rk5': did you mean 'rk4'"),
        (lambda: CircuitLayer(mixed(), steps=0), "steps must be at least 1"),
        (lambda: CircuitLayer(mixed(), make_solver("rk4"), steps=3), "with a solver's name only"),
        (lambda: CircuitLayer(mixed(), dtype=torch.float16), r"torch\.float64, got torch\.float16"),
    ],
)
def test_bad_input_is_said_in_a_sentence(make, message):
    with pytest.raises(StudioError, match=message):
        make()


def test_impossible_gradients_are_refused():
    with pytest.raises(SolveError, match="has no discrete gradient: choose continuous"):
        CircuitLayer(mixed(), "auto", gradient="discrete")
    with pytest.raises(CircuitError, match="expected a circuit"):
        CircuitLayer(nn.Linear(1, 1))


def test_what_is_no_voltage_is_refused() -> None:
    layer = CircuitLayer(mixed())
    with pytest.raises(CircuitError, match="a tensor of real numbers, got a list; convert"):
        layer([[1.0, 2.0]])
    with pytest.raises(CircuitError, match=r"real numbers, got torch\.complex64"):
        layer(torch.ones(1, 2, dtype=torch.complex64))
