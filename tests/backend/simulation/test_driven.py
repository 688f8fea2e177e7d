"""Driven nodes: voltages held by sources, in values, currents, adjoints and files."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from backend.circuit import DRIVEN_FORMAT, FORMAT, Circuit, Device, Node, Slice
from backend.circuit.compile import compile_circuit
from backend.circuit.files import read_circuit, write_circuit
from backend.circuit.networks import arrays_of, save_network
from backend.errors import CircuitError
from backend.export.netlist_import import parse_netlist
from backend.export.spice import DIALECTS, netlist
from backend.export.torch_weights import SafetensorsExporter
from backend.models.circuits.layer import CircuitLayer
from backend.simulation.plain import PlainSimulation
from backend.simulation.simulate import adjoint, make_solver, simulate, times_of
from backend.training.loop import Trainer
from backend.training.spec import TrainSpec
from backend.waveforms import WAVEFORMS
from backend.waveforms.constant import Constant
from backend.waveforms.exponential import Exponential
from backend.waveforms.piecewise_constant import PiecewiseConstant
from backend.waveforms.piecewise_linear import PiecewiseLinear
from backend.waveforms.pulse import Pulse
from backend.waveforms.sine import Sine
from tests.driven_circuits import driven_circuit, truth, voltage_of

DRIVES = {
    "constant": Constant(0.8),
    "pulse": Pulse(0.2, 1.1, 0.1, 0.05, 0.1, 0.3, 0.7),
    "sine": Sine(0.1, 0.9, 1.3, 0.2, 0.4, 30.0),
    "exponential": Exponential(0.2, 1.1, 0.1, 0.3, 0.7, 0.15),
    "piecewise_linear": PiecewiseLinear((0.0, 0.5, 1.2), (0.0, 1.0, -1.0)),
    "piecewise_constant": PiecewiseConstant((0.0, 0.5, 1.2), (0.3, 1.0, -1.0)),
}
TAU = 0.5


def low_pass(drive, duration: float = 2.0) -> Circuit:
    """C dv/dt = (u - v) / R with R C = 0.5 s."""
    nodes = (Node("u", drive=drive), Node("v", capacitance=TAU, role="output"))
    device = Device("r", "resistor", "u", "v", {"conductance": 1.0})
    return Circuit(nodes, (Slice((device,), duration),))


def answered(drive, t: np.ndarray) -> np.ndarray:
    """Of the low-pass, by SciPy's quadrature of exp(-(t - s) / TAU) u(s) / TAU."""
    from scipy.integrate import quad

    u = voltage_of(drive)
    breaks = [b for b in drive.breaks(2.0)]
    found = []
    for end in t:
        edges = [0.0, *(b for b in breaks if b < end), end]
        found.append(
            sum(
                quad(lambda s, end=end: np.exp((s - end) / TAU) * u(s) / TAU, a, b, epsabs=1e-12)[0]
                for a, b in pairwise(edges)
            )
        )
    return np.array(found)


def test_every_waveform_is_among_the_examples():
    assert set(DRIVES) == set(WAVEFORMS.names())


@pytest.mark.parametrize("kind", DRIVES)
def test_a_low_pass_answers_every_waveform(kind):
    drive = DRIVES[kind]
    found = simulate(low_pass(drive), outputs=21)
    assert found.status.ok, found.status.message
    np.testing.assert_allclose(found["v"], answered(drive, found.t), atol=1e-7)
    held = [voltage_of(drive)(t) for t in found.t]
    np.testing.assert_allclose(found["u"], held, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(found.source_current("u"), found["r"], rtol=1e-13, atol=1e-15)
    assert found.kcl_residual.max() < 1e-12


@pytest.mark.parametrize("kind", DRIVES)
@pytest.mark.parametrize("options", [{}, {"solver": "rodas4"}, {"solver": "rk4", "steps": 50}])
def test_the_adjoint_knows_what_holds_a_node(kind, options):
    """dL/du(t) = exp(-(T - t) / TAU) / TAU for L = v(T); levels by its integral."""
    drive = DRIVES[kind]
    _, back = adjoint(low_pass(drive), outputs=21, throw=False, **options)
    assert back is not None
    wanted = np.exp((back.t - 2.0) / TAU) / TAU
    np.testing.assert_allclose(back.drive_density[:, 0], wanted, rtol=1e-3, atol=1e-3)
    assert (back.voltages[:, 0] == 0.0).all(), "a driven node is grounded in the adjoint circuit"
    # v(T) is linear in the levels: a gradient is the answer to the level alone.
    units = np.eye(len(drive.levels))
    answers = [answered(_with_levels(drive, unit), np.array([2.0]))[0] for unit in units]
    np.testing.assert_allclose(back.gradient_drive[0], answers, rtol=1e-5, atol=1e-6)


def _with_levels(drive, levels):
    if hasattr(drive, "values"):
        return replace(drive, values=tuple(levels.tolist()))
    return replace(drive, **dict(zip(drive.level_names, levels.tolist(), strict=True)))


@pytest.mark.parametrize("kind", DRIVES)
@pytest.mark.parametrize("gradient", ["discrete", "continuous"])
def test_kernels_and_torch_agree(kind, gradient):
    """The kernels take a driven row along by its slope; torch puts the voltage in."""
    circuit = driven_circuit(8, ("resistor", "transconductor", "tanh_diff"))
    nodes = tuple(replace(n, drive=DRIVES[kind]) if n.drive else n for n in circuit.nodes)
    slices = tuple(replace(part, duration=0.9) for part in circuit.slices)
    nodes = tuple(n if n.drive else replace(n, capacitance=1.0 + k) for k, n in enumerate(nodes))
    circuit = circuit.replace(nodes=nodes, slices=slices)
    solver = make_solver("rk4", steps=60)
    plain = PlainSimulation(circuit, solver, times_of(circuit, 31))
    wanted = plain.trajectory()
    found = simulate(circuit, solver=solver, outputs=31, check=False)
    allowed = 1e-6 if kind in ("sine", "exponential") else 1e-10
    for name in ("voltages", "currents", "source_currents"):
        np.testing.assert_allclose(getattr(found, name), getattr(wanted, name), atol=allowed)
    assert wanted.kcl_residual.max() < 1e-12
    cotangent = np.zeros((len(nodes), 1))
    cotangent[[n.role == "output" for n in nodes]] = 1.0
    by_torch = plain.adjoint(torch.from_numpy(cotangent), 0.0, gradient, wanted)
    _, back = adjoint(circuit, solver=solver, outputs=31, gradient=gradient, throw=False)
    assert back is not None
    allowed = allowed if gradient == "discrete" else 1e-5
    np.testing.assert_allclose(back.voltages, by_torch.voltages, atol=1e-5)
    np.testing.assert_allclose(back.drive_density, by_torch.drive_density, atol=1e-5)
    for name in by_torch.gradient:
        np.testing.assert_allclose(back.gradient[name], by_torch.gradient[name], atol=allowed)
    for ours, theirs in zip(back.gradient_drive, by_torch.gradient_drive, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=allowed)


@pytest.mark.parametrize("seed", range(10))
def test_random_circuits_are_those_of_scipy(seed):
    circuit = driven_circuit(seed)
    found = simulate(circuit, outputs=51)
    assert found.status.ok, found.status.message
    wanted = truth(circuit, found.t)
    scale = np.abs(wanted).max()
    assert np.abs(found.voltages - wanted).max() < 1e-6 * scale
    assert found.kcl_residual.max() < 1e-12


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 4])
def test_random_circuits_go_round_through_every_file(seed, tmp_path):
    circuit = driven_circuit(seed)
    assert circuit.to_dict()["format"] == DRIVEN_FORMAT
    assert Circuit.from_json(circuit.to_json()) == circuit
    write_circuit(circuit, tmp_path / "a.json")
    assert read_circuit(tmp_path / "a.json") == circuit
    for dialect in DIALECTS:
        assert parse_netlist(netlist(circuit, dialect)) == circuit
    for form in ("safetensors", "pt"):
        write_circuit(circuit, tmp_path / f"a.{form}")
        assert read_circuit(tmp_path / f"a.{form}") == circuit


def test_a_damaged_drive_of_a_network_is_named(tmp_path):
    circuit = driven_circuit(3)
    whole, drive = arrays_of(circuit), circuit.nodes[0].drive
    assert drive is not None
    kind = drive.kind
    rows = f"drive.{kind}.row"
    damages = [
        ({rows: torch.tensor([99])}, "row 99 is no node"),
        ({rows: whole[rows][:0]}, rf"drive\.{kind}\.\w+: expected the shape"),
        ({"drive.square.row": torch.tensor([0])}, "unknown waveform 'square'"),
        ({f"drive.{kind}.times": whole[f"drive.{kind}.times"].flip(0)}, "first time must be 0 s"),
    ]
    for changed, text in damages:
        path = tmp_path / "net.safetensors"
        save_file({**whole, **changed}, path, {"format": "kirchhoff-network/2", "name": '""'})
        with pytest.raises(CircuitError, match=text):
            read_circuit(path)


def test_the_program_beside_weights_asks_this_project(tmp_path):
    circuit = low_pass(DRIVES["sine"])
    SafetensorsExporter().export(circuit, tmp_path / "net.safetensors")
    program = tmp_path / "net_loader.py"
    root, place = Path(__file__).parents[2], {**os.environ, "PYTHONPATH": "."}
    done = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, check=True, cwd=root, env=place
    )
    shown = re.search(r"'v': np\.float64\((\S+)\)", done.stdout)
    assert shown is not None, done.stdout
    wanted = answered(DRIVES["sine"], np.array([2.0]))[0]
    assert float(shown[1]) == pytest.approx(wanted, abs=1e-6)


def learner(kind):
    """Two inputs, two answers, and a source that both depend on."""
    nodes = (
        Node("x1", role="both"),
        Node("x2", role="both"),
        Node("u", drive=DRIVES[kind]),
        Node("h", capacitance=0.5),
    )
    ends = [("u", "h"), ("h", "x1"), ("x1", "x2"), ("x2", "h"), ("h", "x2"), ("x2", "x1")]
    devices = [Device(f"d{k}", "tanh", *pair, {"a": 0.4, "b": -0.3, "c": 0.1 * k})
               for k, pair in enumerate(ends)]  # fmt: skip
    devices.append(Device("t", "transconductor", "u", "x1", {"gain": 0.5}))
    return Circuit(nodes, (Slice(tuple(devices), 2.0),))


@pytest.mark.parametrize("kind", ["sine", "piecewise_constant"])
def test_a_driven_circuit_is_trained_like_any_other(kind, tmp_path):
    """Its loss falls, its source stays, and its weights answer as the training did."""
    write_circuit(learner(kind), tmp_path / "start.json")
    options = {"circuit": str(tmp_path / "start.json"), "solver": "rk4", "steps": 4, "n": 32,
               "test": 32, "batch_size": 32}  # fmt: skip
    spec = TrainSpec.from_options({"dataset": "two_moons", "model": "kirchhoffnet", **options})
    trainer = Trainer(spec)
    (x, y), losses = trainer.batches.batch(0), []
    for _ in range(30):
        objective, _ = trainer.task.learn(trainer.model, x, y)
        losses.append(float(objective.detach()))
        trainer.model.zero_grad()
        objective.backward()
        trainer.optimiser.step(0.1)
    assert losses[-1] < 0.9 * losses[0]
    assert trainer.model.eval().trust(x)["solve_error"] < 1e-2
    trained = trainer.model.circuit()
    assert trained.nodes[2].drive == DRIVES[kind]
    assert trained != learner(kind)
    save_network(trained, tmp_path / "net.safetensors")
    layer = CircuitLayer(tmp_path / "net.safetensors", "rk4", steps=4)
    x = trainer.test.x[:5]
    wanted = trainer.model(x) / trainer.model.logit_scale
    assert torch.allclose(layer(x), wanted, atol=1e-5)
    start = dict(zip(trained.inputs, x[0].tolist(), strict=True))
    found = simulate(trained, voltages=start).voltages[-1, :2]
    np.testing.assert_allclose(found, wanted[0].detach().numpy(), atol=1e-3)


@pytest.mark.parametrize("kind", DRIVES)
def test_cards_alone_say_what_the_drive_is(kind):
    circuit = low_pass(DRIVES[kind])
    lines = netlist(circuit).splitlines()
    found = parse_netlist("\n".join(["cards alone", *lines[1:]]))
    drive = found.nodes[0].drive
    assert drive is not None
    if kind != "piecewise_constant":  # a netlist has edges in its place
        assert drive == DRIVES[kind]
    for t in np.linspace(0.01, 1.99, 37):
        assert drive.at(t) == pytest.approx(DRIVES[kind].at(t), rel=1e-12)


def test_a_circuit_without_drives_is_written_as_before():
    circuit = Circuit((Node("a"),), (Slice(()),))
    assert circuit.to_dict()["format"] == FORMAT
    assert "drive" not in circuit.to_json()
    later = {**circuit.to_dict(), "format": DRIVEN_FORMAT}
    assert Circuit.from_dict(later) == circuit


REFUSED = [
    ({"kind": "square"}, r"nodes\[0\]\.drive\.kind: 'square' is unknown"),
    ({"kind": "sine", "params": {"volts": 1}}, r"nodes\[0\]\.drive\.params: unknown field 'volts'"),
    ({"kind": "sine", "params": {"frequency": -1}}, r"nodes\[0\]\.drive\.params: frequency"),
    ({"kind": "sine", "params": {"frequency": 1e9}}, r"drive\.params\.frequency: .* periods pass"),
    ({"kind": "pulse", "params": {"rise": 0}}, r"params\.rise: rise must be longer than 0 s"),
    ({"kind": "pulse", "params": {"period": 0.2}}, r"params\.period: rise, width and fall last"),
    (
        {"kind": "piecewise_linear", "params": {"times": [0, 1], "values": [0]}},
        r"drive\.params: there are 2 times and 1 values",
    ),
    (
        {"kind": "piecewise_constant", "params": {"times": [0.5], "values": [0]}},
        r"drive\.params\.times\[0\]: the first time must be 0 s",
    ),
    (
        {"kind": "piecewise_constant", "params": {"times": [0, 0], "values": [0, 1]}},
        r"drive\.params\.times\[1\]: times must ascend",
    ),
    (
        {"kind": "piecewise_constant", "params": {"times": [0, None], "values": [0, 1]}},
        r"drive\.params\.times\[1\]: expected a number",
    ),
    (
        {"kind": "piecewise_linear", "params": {"times": [0, 1], "values": [-1.7e308, 1.7e308]}},
        r"drive\.params: the voltage may be 1e\+300 V at most, got 1\.7e\+308 V",
    ),
    (
        {
            "kind": "piecewise_linear",
            "params": {"times": [0, 1, 1 + 1e-9], "values": [0, 1, 1e299]},
        },
        r"drive\.params\.values\[2\]: the voltage changes by more than 1e\+300 V/s",
    ),
    ({"kind": "pulse", "params": {"high": 1e299}}, r"params\.rise: the voltage changes by more"),
    (
        {"kind": "sine", "params": {"offset": 1e300, "amplitude": 1e300}},
        r"drive\.params: the voltage may be 1e\+300 V at most",
    ),
    (
        {"kind": "sine", "params": {"amplitude": 1e299, "frequency": 10}},
        r"params\.frequency: the voltage changes by more",
    ),
]


@pytest.mark.parametrize("kind", DRIVES)
def test_huge_drives_can_be_computed_with(kind):
    """A low-pass is linear: 1e290 V does what 1 V does, times that."""
    drive, size = DRIVES[kind], 1e290
    large = simulate(low_pass(_with_levels(drive, size * np.array(drive.levels))), outputs=21)
    usual = simulate(low_pass(drive), outputs=21)
    np.testing.assert_allclose(large.voltages / size, usual.voltages, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("drive", "text"), REFUSED)
def test_bad_drives_are_refused_with_their_place(drive, text):
    data = low_pass(Constant()).to_dict()
    data["nodes"][0]["drive"] = drive
    with pytest.raises(CircuitError, match=text):
        Circuit.from_dict(data)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"capacitance": 2.0}, r"nodes\[0\]\.capacitance: a driven node has no capacitance"),
        ({"voltage": 2.0}, r"nodes\[0\]\.voltage: a driven node has no voltage of its own"),
        ({"role": "input"}, r"nodes\[0\]\.role: node 'u' is driven and has the role input"),
        ({"role": "output"}, r"nodes\[0\]\.role: node 'u' is driven and has the role output"),
    ],
)
def test_a_driven_node_has_nothing_of_a_free_one(changes, text):
    data = low_pass(Constant()).to_dict()
    data["nodes"][0] |= changes
    with pytest.raises(CircuitError, match=text):
        Circuit.from_dict(data)
    with pytest.raises(CircuitError, match="is driven and has no initial voltage"):
        simulate(low_pass(Constant()), voltages={"u": 1.0})


@pytest.mark.parametrize("kind", DRIVES)
@pytest.mark.parametrize("gradient", ["discrete", "backprop", "continuous"])
def test_a_layer_learns_its_waveform(kind, gradient):
    """Levels of one for all samples, and of one for each, against central differences."""
    nodes = (
        Node("x", role="input"),
        Node("u", drive=DRIVES[kind]),
        Node("y", capacitance=0.7, role="output"),
    )
    devices = (
        Device("a", "tanh_diff", "u", "y", {"g": 1.2, "c": 0.1}),
        Device("b", "transconductor", "x", "y", {"gain": 0.4}),
        Device("c", "transconductor", "u", "x", {"gain": -0.3}),
        Device("d", "resistor", "y", "x", {"conductance": 0.5}),
    )
    circuit = Circuit(nodes, (Slice(devices, 0.8), Slice(devices_named(devices), 1.2)))
    layer = CircuitLayer(circuit, "rk4", steps=12, gradient=gradient, dtype=torch.float64)
    x = torch.linspace(-1, 1, 3, dtype=torch.float64).unsqueeze(-1)
    for batch in (1, 3):
        levels = layer.compiled.levels.of("u").detach()[:, :1].repeat(1, batch)
        levels = (levels * torch.linspace(0.9, 1.1, batch, dtype=torch.float64)).requires_grad_()
        layer.compiled.levels.put("u", levels)
        layer(x).square().sum().backward()
        assert levels.grad is not None
        allowed = 1e-4 if gradient == "continuous" else 1e-7
        for place in np.ndindex(*levels.shape):
            ends = []
            for step in (1e-5, -1e-5):
                moved = levels.detach().clone()
                moved[place] += step
                layer.compiled.levels.put("u", moved)
                with torch.no_grad():
                    ends.append(float(layer(x).square().sum()))
            numeric = (ends[0] - ends[1]) / 2e-5
            assert float(levels.grad[place]) == pytest.approx(numeric, rel=allowed, abs=allowed)


def devices_named(devices):
    return tuple(replace(device, id=f"{device.id}2") for device in devices)


def test_the_fields_of_a_driven_circuit_are_differentiated_like_autograd():
    circuit = driven_circuit(3)
    field = compile_circuit(circuit).stretches()[1]
    v = torch.randn(len(circuit.nodes), 2, dtype=torch.float64)
    t = 0.3 * field.duration
    jacobian = field.jacobian(t, v)
    for sample in range(2):
        wanted = torch.autograd.functional.jacobian(
            lambda x: field(t, x.unsqueeze(-1)).squeeze(-1), v[:, sample]
        )
        torch.testing.assert_close(jacobian[sample], wanted, rtol=1e-12, atol=1e-13)
    w = torch.randn_like(v)
    v.requires_grad_()
    pulled, gradients = field.vjp(t, v.detach(), w)
    leaves = [values.requires_grad_() for values in field.parameter_tensors()]
    expected = torch.autograd.grad((w * field(t, v)).sum(), [v, *leaves], allow_unused=True)
    for found, wanted in zip([pulled, *gradients], expected, strict=True):
        wanted = torch.zeros_like(found) if wanted is None else wanted
        torch.testing.assert_close(found, wanted, rtol=1e-11, atol=1e-13)
