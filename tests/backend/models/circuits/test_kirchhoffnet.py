"""Circuits as classifiers."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from backend.circuit import Circuit, Device, Node, Slice
from backend.datasets import DATASETS, Dataset
from backend.errors import CircuitError, StudioError
from backend.models import MODELS, CircuitModel, KirchhoffNet, initialise
from backend.models.circuits.builtin import image_circuit
from backend.params import check_params
from backend.simulation.simulate import make_solver, simulate

MOONS = DATASETS["two_moons"](n=20, test=20)
FITTING = [
    (model, name)
    for model, kind in MODELS.items()
    for name, dataset in DATASETS.items()
    if issubclass(kind, CircuitModel)
    and dataset.source == "built-in"
    and dataset.task in kind.tasks
]
OPTIONS = check_params(KirchhoffNet.params, {})


def small_net(gradient="discrete", solver="rk4", dataset=MOONS, **options) -> KirchhoffNet:
    circuit = KirchhoffNet.start(dataset.data, OPTIONS, seed=3)
    return KirchhoffNet.of_circuit(
        circuit, dataset.data, OPTIONS, make_solver(solver, **(options or {"steps": 4})), gradient
    )


@pytest.mark.parametrize("gradient", ["discrete", "backprop"])
@pytest.mark.parametrize("solver", ["euler", "heun", "rk4"])
def test_gradient_of_the_loss_is_that_of_finite_differences(gradient, solver):
    model = small_net(gradient, solver).double()
    part = MOONS.split().train
    x, y = part.x.double(), part.y

    def objective():
        return cross_entropy(model(x), y)

    objective().backward()
    rng = np.random.default_rng(0)
    for parameter in model.parameters():
        row = int(rng.integers(len(parameter)))
        step, values = 1e-5, []
        for sign in (1, -1):
            with torch.no_grad():
                parameter[row] += sign * step
                values.append(float(objective()))
                parameter[row] -= sign * step
        assert parameter.grad is not None
        difference = (values[0] - values[1]) / (2 * step)
        assert float(parameter.grad[row]) == pytest.approx(difference, rel=1e-6, abs=1e-9)


def test_logits_are_the_scaled_output_voltages_of_a_simulation():
    model = small_net()
    x = MOONS.split().test.x[0]
    circuit = model.circuit()
    voltages = dict(zip(circuit.inputs, x.tolist(), strict=True))
    expected = simulate(circuit, solver="rk4", steps=4, voltages=voltages, check=False)
    final = [expected[name][-1] for name in circuit.outputs]
    assert model(x[None])[0].tolist() == pytest.approx(np.multiply(final, 4.0), rel=1e-4, abs=1e-5)
    trace = model.trace(x, outputs=11)
    assert trace.voltages.shape == (11, len(circuit.nodes))
    assert [trace[name][-1] for name in circuit.outputs] == pytest.approx(final)


def test_every_example_of_a_batch_is_solved_by_itself():
    model, x = small_net(), MOONS.split().test.x
    with torch.no_grad():
        alone = torch.cat([model(row[None]) for row in x])
        assert torch.allclose(model(x), alone, atol=1e-5)
        assert torch.equal(model.predict(x), model(x))


def drawn(inputs=2, outputs=2, trainable=True) -> Circuit:
    """A circuit whose outputs come first in the list, one hidden node charged."""
    nodes = [Node(f"o{k}", role="output") for k in range(outputs)]
    nodes += [Node("h", voltage=0.5), *(Node(f"i{k}", role="input") for k in range(inputs))]
    ends = [(f"i{k}", "h") for k in range(inputs)] + [("h", f"o{k}") for k in range(outputs)]
    devices = tuple(
        Device(f"d{k}", "tanh", *pair, {"a": 1.0 + k}, trainable) for k, pair in enumerate(ends)
    )
    return Circuit(tuple(nodes), (Slice(devices),))


def test_roles_of_a_drawn_circuit_decide():
    model = KirchhoffNet(drawn(), make_solver("rk4", steps=8), logit_scale=2.0)
    x = torch.tensor([[0.3, -0.7]])
    result = simulate(drawn(), solver="rk4", steps=8, voltages={"i0": 0.3, "i1": -0.7}, check=False)
    expected = [2 * result["o0"][-1], 2 * result["o1"][-1]]
    assert model(x)[0].tolist() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("circuit", "found"),
    [
        (drawn(inputs=1), "1 input node and 2 output nodes"),
        (drawn(outputs=3), "2 input nodes and 3 output nodes"),
    ],
)
def test_a_circuit_that_does_not_fit_is_refused(circuit, found):
    with pytest.raises(CircuitError, match=f"needs 2 input nodes and 2 output .* {found}"):
        KirchhoffNet.of_circuit(circuit, MOONS.data, OPTIONS, make_solver("rk4"), "discrete")


def test_a_circuit_with_nothing_to_train_is_refused():
    with pytest.raises(CircuitError, match="unlock at least one"):
        KirchhoffNet.of_circuit(
            drawn(trainable=False), MOONS.data, OPTIONS, make_solver("rk4"), "discrete"
        )


def test_failure_names_the_node_and_the_time():
    circuit = drawn()
    wild = replace(circuit.slices[0].devices[2], kind="relu", params={"b": 1e9, "a": 0, "c": 1})
    part = replace(circuit.slices[0], devices=(*circuit.slices[0].devices[:2], wild))
    model = KirchhoffNet(circuit.replace(slices=(part,)), make_solver("rk4", steps=16))
    text = model.failure(torch.zeros(1, 2))
    assert "node 'o0' grows beyond all bounds just after t = " in text


@pytest.mark.parametrize(("model", "name"), FITTING)
def test_built_in_circuits_fit_and_survive_a_file(model, name):
    dataset = DATASETS[name]()
    kind = MODELS[model]
    recipe = kind.recipes(dataset.data)["default"]
    options = check_params(kind.params, recipe.get("model_options", {}))
    circuit = kind.start(dataset.data, options, seed=1)
    assert Circuit.from_json(circuit.to_json()) == circuit
    assert circuit == kind.start(dataset.data, options, seed=1)
    assert circuit != kind.start(dataset.data, options, seed=2)
    assert len({(node.x, node.y) for node in circuit.nodes}) == len(circuit.nodes)
    solver = make_solver(recipe["solver"], **recipe["solver_options"])
    built = kind.of_circuit(circuit, dataset.data, options, solver, "discrete")
    answers = built.predict(torch.rand(5, dataset.input_count))
    density = dataset.task in ("generate", "match")
    assert answers.shape == ((5,) if density else (5, dataset.output_count))
    assert bool(answers.isfinite().all())


class Colours(Dataset):
    """Images of three colours, no examples."""

    title = "Colours"
    classes = ("a", "b", "c")

    def __init__(self, side: int) -> None:
        super().__init__()
        self.image_shape, self.channels = (side, side), 3
        self.input_count = 3 * side * side

    def split(self):
        raise NotImplementedError


@pytest.mark.parametrize(
    ("side", "slices", "devices"),
    [
        # One layer: 9 windows of 4 x 4 x 3 pixels, 8 features each; both with ground, both ways.
        (8, 2, 2 * (9 * 8 * 49 + 3 * 73)),
        # Two layers: 14 x 14 windows of 5 x 5 x 3 pixels, 6 x 6 windows of 4 x 4 x 8 features.
        (32, 3, 2 * (196 * 8 * 76 + 36 * 16 * 129 + 3 * 577)),
    ],
)
def test_colour_images_fit(side, slices, devices):
    dataset = Colours(side)
    options = check_params(
        KirchhoffNet.params, KirchhoffNet.recipes(dataset.data)["default"].get("model_options", {})
    )
    circuit = KirchhoffNet.start(dataset.data, options, seed=0)
    assert len(circuit.slices) == slices
    assert circuit.device_count == devices
    assert [node.label for node in circuit.nodes if node.role == "output"] == ["a", "b", "c"]
    model = KirchhoffNet.of_circuit(
        circuit, dataset.data, options, make_solver("heun", steps=1), "discrete"
    )
    # The circuit at rest answers nothing; every colour of every pixel matters.
    x = torch.rand(2, dataset.input_count)
    with torch.no_grad():
        base = model(x)
        for colour in range(3):
            moved = x.clone().view(2, 3, -1)
            moved[:, colour] += 0.5
            assert not torch.allclose(model(moved.view(2, -1)), base)


def test_a_window_larger_than_the_image_is_refused():
    with pytest.raises(StudioError, match="a window of 9 pixels does not fit into 8 x 8"):
        image_circuit((8, 8), "01", channels=1, window=9, stride=1)


def test_initial_gains_shrink_with_the_degree_and_locked_devices_stay():
    def star(leaves: int) -> Circuit:
        nodes = [Node("hub"), *(Node(f"n{k}") for k in range(leaves))]
        devices = [Device(f"d{k}", "threshold_relu", f"n{k}", "hub") for k in range(leaves)]
        devices[0] = replace(devices[0], trainable=False)
        return Circuit(tuple(nodes), (Slice(tuple(devices)),))

    circuit = initialise(star(400), seed=0)
    gains = np.array([device.params["gain"] for device in circuit.devices[1:]])
    assert gains.std() == pytest.approx(0.7 / 20, rel=0.15)
    assert circuit.devices[0] == star(400).devices[0]
