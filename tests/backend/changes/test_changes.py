"""Faults judged by circuits that were broken by hand, by mathematics and by repetition."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from backend.changes import CHANGES, Change, change_of, change_of_text, changed
from backend.circuit import Circuit, Device, Node, Slice
from backend.circuit.device_table import table_of
from backend.errors import StudioError
from backend.models.circuits import KirchhoffNet
from backend.solvers import Euler
from backend.training import TrainSpec
from backend.training.evaluate import broken, evaluate
from backend.training.prepare import build_model, make_dataset, start_circuit
from backend.waveforms.constant import Constant

SPEC = TrainSpec.make(dataset="two_moons", dataset_options={"n": 120, "test": 60}, epochs=1)
PLAIN = {
    "stuck": {"device": "d1"},
    "drift": {"sigma": 0.2, "seed": 3},
    "noise": {"sigma": 0.1},
    "dead_node": {"node": "n3"},
    "quantise": {"bits": 3},
    "prune": {"share": 0.3},
    "add": {"device": "d1", "source": "n1", "target": "n2"},
}


@pytest.fixture(scope="module")
def circuit() -> Circuit:
    found = start_circuit(SPEC)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def hidden(circuit) -> Node:
    return next(node for node in circuit.nodes if node.role == "hidden")


def answers(model, x: torch.Tensor) -> np.ndarray:
    with torch.no_grad():
        return model(x).double().numpy()


def model_of(circuit: Circuit, *faults: Change) -> Any:
    data = make_dataset(SPEC)
    model = build_model(SPEC, circuit, data).eval()
    return broken(model, SPEC, data, faults) if faults else model


X = torch.randn(40, 2, generator=torch.Generator().manual_seed(1))


def test_every_change_is_read_written_and_told(circuit):
    assert set(PLAIN) == set(CHANGES.names())
    for name, params in PLAIN.items():
        change = CHANGES[name](**{**params, **at(circuit, name)})
        again = change_of(change.to_dict())
        assert again.to_dict() == change.to_dict()
        assert again.apply(circuit) == change.apply(circuit)
        assert change.words()
        assert not change.words().endswith(".")
        touched = change.touched(circuit)
        assert set(touched.devices) <= set(circuit.device_ids)
        assert set(touched.nodes) <= set(circuit.node_ids)


def at(circuit: Circuit, name: str) -> dict[str, str]:
    """Places that are there."""
    first, second = circuit.node_ids[:2]
    ends = {"source": first, "target": second} if name == "add" else {}
    place = {"device": circuit.device_ids[0], "node": first, "": ""}[CHANGES[name].place]
    return {**({CHANGES[name].place: place} if place and name != "drift" else {}), **ends}


def test_a_stuck_device_is_the_circuit_without_it(circuit):
    gone = circuit.device_ids[4]
    document = circuit.to_dict()
    for part in document["slices"]:
        part["devices"] = [device for device in part["devices"] if device["id"] != gone]
    by_hand = Circuit.from_dict(document)
    fault = change_of_text(f"stuck:device={gone}")
    assert fault.apply(circuit) == by_hand
    data, settings = "two_moons", {"test": "60"}
    one = evaluate(circuit, data, overrides=settings, faults=[fault])
    two = evaluate(by_hand, data, overrides=settings)
    whole = evaluate(circuit, data, overrides=settings)
    assert one["loss"] == two["loss"] != whole["loss"] == one["before"]["loss"]


def test_a_parameter_is_stuck_at_its_value(circuit):
    device = circuit.devices[0]
    name = next(iter(device.params))
    made = change_of_text(f"stuck:device={device.id},parameter={name},value=0.25").apply(circuit)
    assert made.devices[0] == replace(device, params={**device.params, name: 0.25})
    assert made.devices[1:] == circuit.devices[1:]


def test_no_drift_changes_nothing_bit_for_bit(circuit):
    none = change_of_text("drift:sigma=0")
    assert none.apply(circuit) == circuit
    assert (answers(model_of(circuit, none), X) == answers(model_of(circuit), X)).all()


def test_drift_has_its_standard_deviation_and_its_bounds():
    count = 20_000
    devices = tuple(Device(f"d{k}", "resistor", "a", "b", {"conductance": 2.0})
                    for k in range(1, count + 1))  # fmt: skip
    circuit = Circuit((Node("a"), Node("b")), (Slice(devices),))
    made = change_of_text("drift:sigma=0.05,seed=4").apply(circuit)
    found = np.concatenate([table.params[0]["conductance"] for table in made.tables()]) / 2.0 - 1.0
    # Four standard errors of a mean and of a standard deviation.
    assert abs(found.mean()) < 4 * 0.05 / count**0.5
    assert abs(found.std() / 0.05 - 1.0) < 4 / (2 * count) ** 0.5
    assert change_of_text("drift:sigma=0.05,seed=4").apply(circuit) == made
    assert change_of_text("drift:sigma=0.05,seed=5").apply(circuit) != made
    scaled = change_of_text("drift:sigma=0.5,how=scale,device=d7").apply(circuit)
    moved = [d for d, e in zip(scaled.devices, circuit.devices, strict=True) if d != e]
    assert [(d.id, d.params["conductance"]) for d in moved] == [("d7", 3.0)]


@pytest.mark.parametrize("bits", [2, 4, 9, 24])
def test_few_bits_leave_few_values_next_to_those_that_were(circuit, bits):
    rough = change_of_text(f"quantise:bits={bits}").apply(circuit)
    levels = 2 ** (bits - 1) - 1
    for before, after in zip(circuit.tables(), rough.tables(), strict=True):
        for kind, old, new in zip(before.kinds, before.params, after.params, strict=True):
            for name, values in old.items():
                step = np.abs(values).max() / levels
                assert np.abs(new[name] - values).max() <= 0.5 * step * (1 + 1e-12), (kind, name)
                counts = new[name] / step if step else new[name]
                assert np.allclose(counts, np.round(counts), atol=1e-6)
    again = change_of_text(f"quantise:bits={bits}").apply(rough)
    assert np.allclose(values_of(again), values_of(rough), rtol=1e-12)


def values_of(circuit: Circuit) -> np.ndarray:
    tables = circuit.tables()
    return np.concatenate([v for t in tables for columns in t.params for v in columns.values()])


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_the_weakest_resistors_are_pruned(share):
    """Of resistors the conductance decides."""
    rng = np.random.default_rng(5)
    values = 10.0 ** rng.uniform(-6, 3, 40)
    devices = [Device(f"d{k}", "resistor", "a", "b", {"conductance": v})
               for k, v in enumerate(values.tolist(), 1)]  # fmt: skip
    circuit = Circuit((Node("a"), Node("b")), (Slice(tuple(devices)),))
    prune = change_of_text(f"prune:share={share}")
    gone = min(int(np.ceil(share * 40)), 39)
    kept = {f"d{k + 1}" for k in np.argsort(values)[gone:]}
    assert set(prune.apply(circuit).device_ids) == kept
    assert set(prune.touched(circuit).devices) == set(circuit.device_ids) - kept


@pytest.mark.parametrize("how", ["held", "cut"])
def test_a_dead_node_keeps_its_voltage(circuit, hidden, how):
    model = model_of(circuit, change_of_text(f"dead_node:node={hidden.id},how={how}"))
    row = circuit.node_ids.index(hidden.id)
    for _, v in model.path(X):
        assert (v[row] == hidden.voltage).all()
    reader = circuit.inputs[0]
    model = model_of(circuit, change_of_text(f"dead_node:node={reader},how={how}"))
    for _, v in model.path(X):
        assert (v[circuit.node_ids.index(reader)] == X[:, 0]).all()


def test_a_shorted_node_is_one_that_a_source_holds(circuit, hidden):
    """The library's own driven nodes are the witness, of double the precision and finer steps."""
    held = tuple(
        replace(node, drive=Constant(node.voltage), capacitance=1.0) if node is hidden else node
        for node in circuit.nodes
    )
    short = model_of(circuit, change_of_text(f"dead_node:node={hidden.id}"))
    source = model_of(circuit.replace(nodes=held))
    # Both take the same steps in single precision.
    assert np.allclose(answers(short, X), answers(source, X), rtol=1e-5, atol=1e-5)
    assert not np.allclose(answers(short, X), answers(model_of(circuit), X), atol=1e-2)


def test_noise_repeats_with_its_seed(circuit):
    def heard(text: str) -> np.ndarray:
        return answers(model_of(circuit, change_of_text(text)), X)

    one = heard("noise:sigma=0.2,seed=1")
    assert (one == heard("noise:sigma=0.2,seed=1")).all()
    assert not np.allclose(one, heard("noise:sigma=0.2,seed=2"))
    assert np.allclose(heard("noise:sigma=0"), answers(model_of(circuit), X), atol=1e-5)


def test_noise_has_its_standard_deviation():
    """One Euler step of C dv/dt = -g (v + n) ends at v (1 - g/C) - g/C n."""
    nodes = (Node("in", role="input"), Node("out", 0.0, 2.0, role="output"))
    devices = (Device("d1", "resistor", "out", "gnd", {"conductance": 0.6}),)
    net = KirchhoffNet(Circuit(nodes, (Slice(devices, 1.0),)), Euler(1), "discrete", 1.0)
    change_of_text("noise:sigma=0.5,seed=2").disturb(net)
    count = 50_000
    ends = answers(net, torch.zeros(count, 1))
    assert abs(ends.std() / (0.3 * 0.5) - 1.0) < 4 / (2 * count) ** 0.5
    assert abs(ends.mean()) < 4 * 0.3 * 0.5 / count**0.5


def test_one_more_device_is_the_circuit_with_it(circuit):
    like, (first, second) = circuit.devices[0], circuit.node_ids[:2]
    made = change_of_text(f"add:device={like.id},source={first},target={second}").apply(circuit)
    (new,) = set(made.device_ids) - set(circuit.device_ids)
    found = next(device for device in made.devices if device.id == new)
    assert found == replace(like, id=new, source=first, target=second, trainable=True)
    assert change_of_text(f"stuck:device={new}").apply(made) == circuit


def test_large_slices_are_broken_as_tables():
    count = 12_000
    devices = tuple(Device(f"d{k}", "resistor" if k % 3 else "tanh", "a", "b")
                    for k in range(1, count + 1))  # fmt: skip
    small = Circuit((Node("a"), Node("b")), (Slice(devices),))
    rows = {name: row for row, name in enumerate(small.row_names)}
    large = small.replace(slices=(Slice(table_of(small.slices[0], rows)),))
    for text in (
        "stuck:device=d6000", "drift:sigma=0.1", "dead_node:node=a,how=cut", "quantise:bits=5",
        "prune:share=0.25",
    ):  # fmt: skip
        if text.startswith("dead"):
            with pytest.raises(StudioError, match="no device that can be trained is left"):
                changed(large, [change_of_text(text)])
        else:
            one, two = change_of_text(text).apply(large), change_of_text(text).apply(small)
            assert one.slices[0].devices == two.slices[0].devices


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("stuk:device=d1", "did you mean 'stuck'"),
        ("stuck:device=d0", "there is no device 'd0': did you mean"),
        ("stuck:device", "a change is name:key=value"),
        ("stuck:device=d1,parameter=z", "has no parameter 'z': choose one of"),
        ("dead_node:node=x", "there is no node 'x'"),
        ("dead_node:node=x,how=burnt", "how is 'burnt': choose one of held, cut"),
        ("drift:sigma=much", "sigma must be a finite number, got 'much'"),
        ("drift:parameter=z", "no device has a parameter 'z'"),
        ("noise:sigma=-1", "sigma must be at least 0 V, got '-1'"),
        ("noise:depth=1", "unknown parameter 'depth'"),
    ],
)
def test_bad_input_is_one_sentence(circuit, text, words):
    with pytest.raises(StudioError, match=words) as caught:
        change_of_text(text).apply(circuit)
    assert "\n" not in str(caught.value)


def test_what_a_solver_or_model_does_not_bear_is_said(circuit):
    noise = change_of_text("noise:sigma=0.1")
    with pytest.raises(StudioError, match="noise needs a solver of equal steps"):
        evaluate(circuit, "two_moons", overrides={"solver": "dopri5"}, faults=[noise])
    with pytest.raises(StudioError, match="no change of the circuit"):
        noise.check_lasting()
    with pytest.raises(StudioError, match="set how=cut"):
        change_of_text("dead_node:node=n3").check_lasting()
