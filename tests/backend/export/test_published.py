"""Published checkpoints against slow loops written from their description, device by device.

The authors' files are not ours to keep: the tests write files of the same form.
"""

from collections.abc import Callable
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from torchdiffeq import odeint

from backend.circuit import Circuit
from backend.circuit.files import read_circuit, write_circuit
from backend.datasets import DATASETS
from backend.export.published import EXPERIMENTS, Experiment, read_published
from backend.simulation.simulate import simulate
from backend.topologies import TOPOLOGIES
from backend.training import TrainSpec
from backend.training.evaluate import evaluate
from backend.training.loop import Trainer
from tests.backend.export.authors import (
    KINDS,
    PUBLISHED,
    Stored,
    checkpoint,
    edges_of,
    expected_params,
    mix,
    saved,
    stored,
)

Law = Callable[[Tensor, Tensor, Tensor], Tensor]


def test_all_experiments_have_their_sizes_and_cut_times():
    assert set(EXPERIMENTS) == set(PUBLISHED)
    for name, (nodes, edges, kind, cuts) in PUBLISHED.items():
        experiment = EXPERIMENTS[name]
        keys = [f"circuit.layer_list.{k}.model.param" for k in range(len(cuts) - 1)]
        assert experiment.shapes == dict.fromkeys(keys, (KINDS[kind], edges))
        assert experiment.topology.size().nodes == nodes
        assert experiment.topology.text("kind") == kind
        assert experiment.durations == pytest.approx(np.diff(cuts))
    assert EXPERIMENTS["svhn"].topology.options == EXPERIMENTS["cifar10"].topology.options


@pytest.mark.parametrize("name", [name for name in PUBLISHED if name != "svhn"])
def test_every_device_is_the_authors(name: str, tmp_path: Path):
    count, size, kind, cuts = PUBLISHED[name]
    arrays = checkpoint(name)
    circuit = read_published(saved(arrays, tmp_path), name)
    ends = np.fromiter(chain.from_iterable(edges_of(name)), np.int64).reshape(-1, 2)
    assert len(ends) == size
    assert circuit.node_ids == tuple(f"n{k}" for k in range(1, count + 1))
    assert len(circuit.slices) == len(cuts) - 1
    number = np.append(np.arange(1, count + 1), 0)  # of a state row; ground has the last one
    places = zip(circuit.tables(), arrays.values(), range(0, len(cuts) * size, size), strict=False)
    for table, array, first in places:
        np.testing.assert_array_equal(number[table.source], ends[:, 0])
        np.testing.assert_array_equal(number[table.target], ends[:, 1])
        assert table.kinds == (kind,)
        assert table.trainable.all()
        expected = expected_params(kind, array)
        assert table.params[0].keys() == expected.keys()
        for param, values in table.params[0].items():
            np.testing.assert_array_equal(values, expected[param])
        assert [table[k].id for k in (0, -1)] == [f"d{first + 1}", f"d{first + size}"]


@pytest.mark.parametrize("name", ["mnist", "cifar10", "genmnist", "twomoon", "potential1"])
def test_nodes_start_at_zero_with_their_roles_and_places(name: str, tmp_path: Path):
    circuit = read_published(saved(checkpoint(name), tmp_path), name)
    pixels = {"mnist": 784, "cifar10": 3072, "genmnist": 784}.get(name, 2)
    assert circuit.inputs == tuple(f"n{k}" for k in range(1, pixels + 1))
    flow = circuit.outputs == circuit.inputs
    assert flow == (name not in ("mnist", "cifar10"))
    assert flow or circuit.outputs == circuit.node_ids[-10:]
    assert {node.voltage for node in circuit.nodes} == {0.0}
    assert {node.capacitance for node in circuit.nodes} == {1.0}
    assert len({(node.x, node.y) for node in circuit.nodes}) == len(circuit.nodes)
    if name == "mnist":  # pixel 29 opens the second row
        first, below = circuit.nodes[0], circuit.nodes[28]
        assert first.x == below.x
        assert first.y < below.y
        assert min(node.x for node in circuit.nodes[784:]) > max(
            node.x for node in circuit.nodes[:784]
        )


def test_mnist_and_cifar10_have_the_known_multiplicities(tmp_path: Path):
    tables = {
        name: next(read_published(saved(checkpoint(name), tmp_path), name).tables())
        for name in ("mnist", "cifar10")
    }
    assert len(np.unique(tables["mnist"].source * 835 + tables["mnist"].target)) == 113_140
    source, target = tables["cifar10"].source, tables["cifar10"].target
    pairs = (source * 3123 + target)[(source < 3072) & (target < 3072)]
    assert len(pairs) == 1_897_296
    assert len(np.unique(pairs)) == 401_424
    degree = np.bincount(tables["mnist"].target)[:-1]  # the last row is ground
    assert (degree.min(), round(degree.mean()), degree.max()) == (66, 275, 785)


SMALL = [(1, 4, 4, 2, 3, 1, 1), (2, 3, 5, 3, 2, 1, 0), (3, 4, 3, 2, 1, 2, 1), (1, 3, 3, 3, 0, 1, 2)]


def small(shape: tuple[int, ...], kind: str, durations: tuple[float, ...]) -> Experiment:
    names = ("channels", "height", "width", "kernel", "extra", "forward", "back")
    options = dict(zip(names, shape, strict=True))
    return Experiment(TOPOLOGIES["neighbor"](kind=kind, outputs=2, **options), durations)


@pytest.mark.parametrize("shape", SMALL)
@pytest.mark.parametrize("kind", KINDS)
def test_small_networks_device_by_device(shape: tuple[int, ...], kind: str):
    ends = list(mix(*shape))
    arrays = list(stored(KINDS[kind], len(ends), 2).values())
    circuit = small(shape, kind, (0.5, 0.25)).circuit([array.numpy() for array in arrays])
    wanted = [
        (
            f"d{1 + k + layer * len(ends)}",
            kind,
            *(f"n{end}" if end else "gnd" for end in pair),
            {name: values[k] for name, values in expected_params(kind, array).items()},
        )
        for layer, array in enumerate(arrays)
        for k, pair in enumerate(ends)
    ]
    assert [(d.id, d.kind, d.source, d.target, d.params) for d in circuit.devices] == wanted
    assert [part.duration for part in circuit.slices] == [0.5, 0.25]


LAWS: dict[str, Law] = {
    "threshold_relu": lambda s, d, p: p[1] * torch.relu(s - d - p[0]),
    "tanh": lambda s, d, p: torch.tanh(p[0] * s + p[1] * d + p[2]),
    "tanh_diff": lambda s, d, p: torch.tanh(p[1] * (s - d) + p[0]),
}


def authors_flow(
    kind: str,
    ends: list[tuple[int, int]],
    arrays: Stored,
    durations: list[float],
    v: Tensor,
    tolerance: float = 1e-8,
) -> Tensor:
    """Voltages (K + 1, B, N) at the cut times from v (B, N): gather, act, scatter; ground is 0."""
    source, target = torch.tensor(ends).T
    path = [v]
    for array, duration in zip(arrays.values(), durations, strict=True):
        p = array.to(v.dtype)

        def rate(_: Tensor, v: Tensor, p: Tensor = p) -> Tensor:
            padded = torch.cat([v.new_zeros(len(v), 1), v], dim=1)
            i = LAWS[kind](padded[:, source], padded[:, target], p)
            total = torch.zeros_like(padded)
            total.scatter_add_(1, source.expand(len(v), -1), -i)
            total.scatter_add_(1, target.expand(len(v), -1), i)
            return total[:, 1:]

        times = torch.tensor([0.0, duration], dtype=torch.float64)
        end = odeint(rate, path[-1], times, rtol=tolerance, atol=0.01 * tolerance)[-1]
        assert isinstance(end, Tensor)
        path.append(end)
    return torch.stack(path)


@pytest.mark.parametrize("name", ["twomoon", "2spirals", "8gaussians", "potential2"])
def test_flows_move_as_the_authors(name: str, tmp_path: Path):
    _, _, kind, cuts = PUBLISHED[name]
    arrays = checkpoint(name)
    circuit = read_published(saved(arrays, tmp_path), name)
    start = torch.randn(3, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    durations = np.diff(cuts).tolist()
    theirs = authors_flow(kind, list(edges_of(name)), arrays, durations, start)
    assert (theirs[-1] - theirs[0]).abs().max() > 0.5
    for sample, voltages in enumerate(start.tolist()):
        given = dict(zip(circuit.inputs, voltages, strict=True))
        ours = simulate(
            circuit, solver="dopri5", rtol=1e-8, atol=1e-10, outputs=len(cuts), voltages=given
        )
        np.testing.assert_allclose(ours.voltages, theirs[:, sample], atol=1e-5)


DIGITS = (1, 8, 8, 2, 11, 1, 1)


@pytest.fixture(scope="module")
def digits() -> tuple[Circuit, Stored]:
    """The mnist network at the size of scikit-learn's digits."""
    arrays = stored(2, len(list(mix(*DIGITS))), 2, scale=0.08)
    shape = dict(channels=1, height=8, width=8, kernel=2, extra=11, outputs=10)
    network = TOPOLOGIES["neighbor"](kind="threshold_relu", **shape)
    experiment = Experiment(network, (1.0, 1.0))
    return experiment.circuit([array.numpy() for array in arrays.values()], "digits"), arrays


def test_the_authors_loss_comes_without_any_setting(digits: tuple[Circuit, Stored]):
    circuit, arrays = digits
    part = DATASETS["digits"]().split().test
    v = torch.zeros(len(part.x), 75)
    v[:, :64] = part.x
    v = authors_flow("threshold_relu", list(mix(*DIGITS)), arrays, [1.0, 1.0], v, 1e-5)
    logits = v[-1, :, -10:]
    assert logits.std() > 0.1
    plain = evaluate(circuit, "digits")
    assert (plain["solver"], plain["solver_options"]) == ("rk4", {"steps": 16})
    usual = evaluate(circuit, "digits", overrides={"logit_scale": "4"})
    assert usual["loss"] != pytest.approx(plain["loss"], rel=1e-3)
    assert plain["loss"] == pytest.approx(float(cross_entropy(logits, part.y)), abs=1e-4)
    assert plain["accuracy"] == usual["accuracy"]
    hits = (logits.argmax(1) == part.y).double().mean()
    assert plain["accuracy"] == pytest.approx(float(hits), abs=1.5 / len(part.y))


def test_training_goes_on_from_the_published_values(digits: tuple[Circuit, Stored], tmp_path: Path):
    path = tmp_path / "net.safetensors"
    write_circuit(digits[0], path)
    assert read_circuit(path) == digits[0]
    assert read_circuit(path).settings == digits[0].settings
    spec = TrainSpec.make(dataset="digits", circuit=str(path), epochs=1, learning_rate=1e-3)
    assert (spec.solver, spec.solver_options) == ("rk4", {"steps": 16})
    assert spec.model_options["logit_scale"] == 1.0
    other = TrainSpec.make(dataset="digits", circuit=str(path), solver="heun")
    assert (other.solver, other.solver_options) != ("rk4", {"steps": 16})
    trainer = Trainer(spec)
    assert trainer.model.circuit() == digits[0]
    for _ in trainer.events():
        pass
    trained = trainer.model.circuit()
    for before, after in zip(digits[0].tables(), trained.tables(), strict=True):
        np.testing.assert_array_equal(before.target, after.target)
        change = np.abs(after.params[0]["gain"] - before.params[0]["gain"])
        assert 0 < change.max() < 0.1
