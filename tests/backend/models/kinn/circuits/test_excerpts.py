"""Lanes of a network as circuits: simulated, they show what the network itself computes."""

import numpy as np
import pytest
import torch

from backend.circuit import Circuit
from backend.errors import StudioError
from backend.models import MODELS, Data, Shape
from backend.models.circuits.layer import CircuitLayer
from backend.params import check_params
from backend.simulation.simulate import simulate

KINN = MODELS["kinn"]
NAMES = ("a", "b", "c")
PICTURES = Data("", "Pictures", "classify", Shape((1, 8, 8), "image"), Shape((3,)), NAMES)


def fields(*points, periodic=False):
    shape = Shape((1, *points), "grid", periodic)
    return Data("", "Fields", "operator", shape, shape)


def network(data, **options):
    """A small one, and an example of a few waves."""
    small = {"channels": 4, "lanes": 4, "blocks": 2, **options}
    model = KINN.build(data, check_params(KINN.params, small), seed=0)
    if data.task == "classify":
        torch.manual_seed(1)
        x = torch.rand(2, 64)
    else:
        axes = data.inputs.axes()
        waves = [np.sin(2 * np.pi * np.array(at)) + 0.3 * np.cos(4 * np.pi * np.array(at))
                 for at in axes]  # fmt: skip
        field = torch.as_tensor(np.add.outer(*waves) if len(waves) > 1 else waves[0]).float()
        x = torch.stack((field, 0.5 * field)).unsqueeze(1)
    model.adapt(x, x)
    return model.eval(), x[0]


def gap(excerpt):
    """Of the circuit's voltages to the model's numbers, relative L2."""
    outputs = 2 * excerpt.steps + 1
    found = simulate(excerpt.circuit, solver="rodas4", rtol=1e-8, atol=1e-10, outputs=outputs,
                     check=False)  # fmt: skip
    columns = [excerpt.circuit.node_ids.index(node) for node in excerpt.reads]
    shown = found.voltages[np.ix_(excerpt.rows(outputs), columns)]
    assert np.linalg.norm(excerpt.samples) > 0
    return np.linalg.norm(shown - excerpt.samples) / np.linalg.norm(excerpt.samples)


LINES, SQUARE = fields(17), fields(9, 8)
EXACT = [
    (LINES, {"cell": "cascade"}, {}),
    (LINES, {"cell": "cascade", "boundary": "replicate"}, {"block": 2, "lane": 2}),
    (LINES, {"cell": "cascade", "order": 3}, {"lane": 1, "components": True}),
    (SQUARE, {"cell": "cascade"}, {"axis": 2, "components": True}),
    (SQUARE, {"cell": "cascade"}, {"axis": 1, "line": 3}),
    (PICTURES, {"boundary": "replicate"}, {"lane": 2, "components": True}),
    (PICTURES, {}, {"lane": 3, "axis": 2, "block": 2}),
    (LINES, {"cell": "grid"}, {}),
    (SQUARE, {"cell": "grid"}, {"lane": 2}),
]


@pytest.mark.parametrize(("data", "options", "choice"), EXACT)
def test_what_is_exact_is_the_same(data, options, choice):
    model, x = network(data, **options)
    excerpt = model.excerpt(x, **choice)
    assert not excerpt.limit
    # Single precision of the network; nodes that read components lag by 1e-6.
    assert gap(excerpt) < (1e-5 if choice.get("components") else 3e-7)
    assert Circuit.from_json(excerpt.circuit.to_json()) == excerpt.circuit


def test_a_periodic_cascade_begins_within_its_period():
    model, x = network(fields(32, periodic=True), cell="cascade")
    for choice in ({}, {"lane": 2, "components": True}, {"lane": 1, "block": 2}):
        assert gap(model.excerpt(x, **choice)) < 1e-4


@pytest.mark.parametrize("periodic", [True, False])
def test_finite_rings_and_sheets_approach_the_limit_with_the_square_of_their_distance(periodic):
    gaps = []
    for size in (24, 48, 96):
        data = fields(size if periodic else size + 1, periodic=periodic)
        model, x = network(data, cell="ring", blocks=1)
        gaps.append(gap(model.excerpt(x)))
    orders = -np.diff(np.log2(gaps))
    assert orders == pytest.approx([2, 2], abs=0.25)


def test_a_ring_may_have_more_nodes_than_points():
    model, x = network(fields(24, periodic=True), cell="ring")
    coarse, fine = (model.excerpt(x, lane=1, components=True, refine=n) for n in (1, 4))
    assert gap(fine) < 0.1 * gap(coarse)
    assert len(fine.circuit.nodes) == 4 * len(coarse.circuit.nodes)


@pytest.mark.parametrize(("size", "components"), [(12, False), (32, False), (24, True)])
def test_rings_are_drawn_as_circles_that_do_not_touch(size, components):
    model, x = network(fields(size, periodic=True), cell="ring")
    nodes = model.excerpt(x, components=components).circuit.nodes
    for lane in range(1, 5):
        places = np.array([(n.x, n.y) for n in nodes if n.id.startswith(f"lane{lane} v")])
        radii = np.hypot(*(places - places.mean(0)).T)
        assert len(places) == size
        assert radii == pytest.approx([radii[0]] * size)
    every = np.array([(node.x, node.y) for node in nodes])
    apart = np.hypot(*(every[:, None] - every[None]).transpose(2, 0, 1))
    assert apart[~np.eye(len(every), dtype=bool)].min() > 60


def test_a_plane_of_nodes_shows_a_lane():
    model, x = network(fields(24, 24, periodic=True), cell="ring")
    assert gap(model.excerpt(x, lane=1, components=False)) < 0.05
    model, x = network(fields(13, 13))
    assert gap(model.excerpt(x, lane=1)) < 0.02
    assert gap(model.excerpt(x, lane=4)) < 0.1


def test_the_circuit_is_driven_by_a_pulse_where_there_is_no_example():
    model, _ = network(LINES, cell="cascade")
    assert model.circuit().driven
    pictures, _ = network(PICTURES)
    assert pictures.excerpt(lane=1).circuit.driven == ("u",)


def test_a_lane_is_trained_like_any_other_circuit():
    """Its leaks and gains learn another lane's answers to the same waveforms, one for a sample."""
    model, x = network(fields(6), cell="cascade", blocks=1)
    with torch.no_grad():
        model.network.blocks[0].cells.log_tau.copy_(torch.tensor([0.25, 0.3, 0.4, 0.3]).log())
    circuits = [model.excerpt(x, lane=lane, seconds=1.0).circuit for lane in (1, 3)]
    torch.manual_seed(0)
    levels, nothing = torch.randn(5, 12), torch.zeros(12, 0)
    layers = [CircuitLayer(circuit, "rk4", steps=3) for circuit in circuits]
    for layer in layers:
        layer.compiled.levels.put("u", levels)
    wanted = layers[1](nothing).detach()
    size = max(float(value.detach().abs().max()) for value in layers[0].parameters())
    optimiser = torch.optim.Adam(layers[0].parameters(), lr=0.02 * size)
    gaps = []
    for _ in range(21):
        loss = (layers[0](nothing) - wanted).norm() / wanted.norm()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        gaps.append(float(loss.detach()))
    assert min(gaps) < 0.2 * gaps[0]
    assert layers[0].circuit().driven == ("u",)


def test_notes_say_what_is_shown_and_what_no_circuit_does():
    model, x = network(LINES, cell="cascade")
    notes = " ".join(model.excerpt(x, block=2, lane=3).notes)
    for words in ("Block 2 of 2, lane 3 of 4", "edges of 1e-05 of a step", "gate", "GELU"):
        assert words in notes


REFUSED = [
    (LINES, {"cell": "cascade"}, {"block": 3}, "the block is 3, and there are 2; choose 1 to 2"),
    (LINES, {"cell": "cascade"}, {"lane": 9}, "the lane is 9, and the block has 4"),
    (LINES, {"cell": "cascade"}, {"axis": 2}, "the axis is 2, and the field has 1"),
    (SQUARE, {"cell": "cascade"}, {"lane": 3}, "does not run along axis 1; choose axis 2"),
    (SQUARE, {"cell": "cascade"}, {"line": 90}, "the line is 90, and there are 8"),
    (LINES, {"cell": "cascade"}, {"farad": 1}, "unknown"),
    (LINES, {"cell": "depth"}, {}, "rule gs.*which no circuit does exactly"),
    (LINES, {}, {"components": True}, "slopes of a sheet"),
    (
        fields(512, periodic=True),
        {"lanes": 64},
        {},
        "a circuit of 98,304 devices and at most 12,000 are drawn; choose one of its 64 lanes",
    ),
]


@pytest.mark.parametrize(("data", "options", "choice", "text"), REFUSED)
def test_what_cannot_be_shown_is_refused_in_words(data, options, choice, text):
    model, x = network(data, **options)
    with pytest.raises(StudioError, match=text):
        model.excerpt(x, **choice)


def test_other_models_say_that_they_are_no_circuit():
    model = MODELS["fno"].build(LINES, check_params(MODELS["fno"].params, {}), 0)
    with pytest.raises(StudioError, match="is no circuit"):
        model.excerpt()
