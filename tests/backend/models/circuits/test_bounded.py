"""Rails, pairs of nodes and positive conductances: what is promised about voltages holds."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.circuit import GROUND, Circuit, Device, Node, Slice
from backend.circuit.device_table import DeviceTable
from backend.datasets import DATASETS, Dataset
from backend.devices import DEVICES
from backend.errors import StudioError
from backend.models import KirchhoffNet, initialise
from backend.models.circuits.bounded import CLAMP, COPYING, PAIR, with_pairs, with_rails
from backend.models.circuits.builtin import image_circuit
from backend.params import check_params
from backend.simulation.simulate import make_solver, simulate
from backend.training import TrainSpec
from backend.training.loop import Trainer
from tests.strategies import random_circuit

SEEDS = st.integers(0, 2**31)
LAW = DEVICES["rectifier"]
DIGITS = DATASETS["digits"]()
ROUNDING = 1e-5


def peak(circuit: Circuit) -> float:
    """The largest voltage at any time [V]."""
    trajectory = simulate(circuit, solver="dopri5", rtol=1e-8, atol=1e-10, outputs=101)
    return float(np.abs(trajectory.voltages).max())


def currents(circuit: Circuit, bound) -> float:
    """The most that a node gets in any slice from devices that bring ``bound(device)`` each [A]."""
    most = 0.0
    for part in circuit.slices:
        total: dict[str, float] = {}
        for device in part.devices:
            for end in (device.source, device.target):
                total[end] = total.get(end, 0.0) + bound(device)
        most = max(most, *(i for end, i in total.items() if end != GROUND))
    return most


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.floats(0.2, 3.0))
def test_rails_bound_every_voltage_by_the_current(seed, rail):
    """tanh and sigmoid devices carry at most 1 A, sources what they say."""
    circuit = random_circuit(seed, ["tanh", "sigmoid", "current_source", "tanh_diff"])
    injected = currents(circuit, lambda device: max(1.0, abs(device.params.get("current", 0.0))))
    start = max(abs(node.voltage) for node in circuit.nodes)
    bound = max(start, rail + injected / CLAMP)
    assert peak(with_rails(circuit, rail)) <= bound + ROUNDING


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.floats(0.2, 3.0))
def test_rectifiers_push_beyond_the_rails_by_their_batteries_only(seed, rail):
    circuit = random_circuit(seed, ["rectifier"])
    injected = currents(circuit, battery)
    start = max(abs(node.voltage) for node in circuit.nodes)
    assert peak(with_rails(circuit, rail)) <= max(start, rail + injected / CLAMP) + ROUNDING


def battery(device: Device) -> float:
    """What a rectifier can bring into the largest voltage of a circuit [A]."""
    return device.params["conductance"] * max(-device.params["threshold"], 0.0)


def test_rails_are_locked_and_hold_a_node_where_the_currents_balance():
    node = Node("a")
    source = Device("i", "current_source", GROUND, "a", {"current": 4.0})
    circuit = with_rails(Circuit((node,), (Slice((source,), 5.0), Slice((), 5.0))), 1.5)
    clamps = [device for device in circuit.devices if device.kind == "rectifier"]
    assert len(clamps) == 4
    assert not any(device.trainable for device in clamps)
    voltages = simulate(circuit, solver="dopri5", outputs=3)["a"][1:]
    # At rest the clamp takes all the current; without it the voltage falls back to the rail.
    assert voltages == pytest.approx([1.5 + 4.0 / CLAMP, 1.5], abs=1e-4)


def test_a_clamp_settles_in_the_steps_it_was_chosen_for():
    """Explicit Euler is stable up to steps of 2 / CLAMP."""
    circuit = with_rails(Circuit((Node("a", 3.0),), (Slice((), 2.0),)), 1.0)
    trajectory = simulate(circuit, solver="euler", steps=8, outputs=9, check=False)
    assert np.abs(trajectory["a"]).max() <= 3.0


@settings(max_examples=100, deadline=None)
@given(
    st.floats(-5, 5),
    st.floats(-5, 5),
    st.floats(0, 10),
    st.floats(0, 3),
)
def test_a_rectifier_with_a_forward_voltage_is_passive(v_s, v_d, conductance, threshold):
    p = {
        "conductance": torch.tensor(conductance, dtype=torch.float64),
        "threshold": torch.tensor(threshold, dtype=torch.float64),
    }
    s, d = torch.tensor(v_s, dtype=torch.float64), torch.tensor(v_d, dtype=torch.float64)
    i = LAW.current(s, d, p)
    assert float(i) >= 0
    assert float((s - d) * i) >= 0


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.booleans())
def test_rectifiers_preserve_order(seed, railed):
    """v(0) <= w(0) in every node implies v(t) <= w(t): Kamke's comparison theorem."""
    low = random_circuit(seed, ["rectifier"])
    low = with_rails(low, 0.4) if railed else low
    raised = np.random.default_rng(seed).exponential(0.5, len(low.nodes))
    high = low.with_voltages(
        {node.id: node.voltage + r for node, r in zip(low.nodes, raised, strict=True)}
    )
    below, above = (
        simulate(circuit, solver="dopri5", rtol=1e-9, atol=1e-11, outputs=21).voltages
        for circuit in (low, high)
    )
    assert (below <= above + 1e-6).all()


def test_pairs_invert_inputs_and_part_the_features_their_readers_see():
    """Two inputs and their copies, two features, one output, in two slices."""
    names = ["x1", "x2", "y1", "y2"]
    nodes = [
        *(Node(name, role="input") for name in names),
        *(Node("f1"), Node("f2")),
        Node("o", role="output"),
    ]
    ties = [Device("a", "rectifier", "x1", "f1"), Device("b", "rectifier", "y1", "f2")]
    last = [Device(f"o{name}", "rectifier", name, "o") for name in ("f1", "f2")]
    plain = Circuit(tuple(nodes), (Slice(tuple(ties)), Slice(tuple(last), 0.5)))
    circuit = with_pairs(plain)
    assert circuit.inputs == ("x1", "x2")
    assert [part.duration for part in circuit.slices] == [1.0, 1.0, 0.5]
    pairs = [
        [(d.source, d.target, d.params["conductance"]) for d in part.devices if not d.trainable]
        for part in circuit.slices
    ]
    assert pairs == [
        [("x1", "y1", -COPYING), ("x2", "y2", -COPYING)],
        [("x1", "y1", -PAIR), ("x2", "y2", -PAIR)],
        [("f1", "f2", -PAIR)],
    ]
    given = circuit.with_voltages({"x1": 0.3, "x2": -0.2})
    first = given.replace(slices=given.slices[:1])
    ends = simulate(first, solver="dopri5", rtol=1e-9, atol=1e-11)
    expected = [0.6, -0.4, -0.3, 0.2]
    assert [ends[name][-1] for name in names] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_a_positive_network_knows_its_largest_voltage_beforehand(seed):
    rail, rng = 0.7, np.random.default_rng(seed)
    plain = image_circuit((4, 4), "ab", channels=2, window=3, stride=1, colours=2, kind="rectifier")
    plain = initialise(plain, seed)
    circuit = with_rails(with_pairs(plain), rail)
    circuit = circuit.with_voltages({name: rng.uniform(-1, 1) for name in circuit.inputs})
    bound = (CLAMP * rail + currents(plain, battery)) / (CLAMP - 2 * PAIR)
    largest = peak(circuit)
    assert rail < largest <= bound + ROUNDING


def options(**given):
    return check_params(KirchhoffNet.params, given)


@pytest.mark.parametrize("name", ["two_moons", "digits"])
def test_rails_change_nothing_within_them(name):
    dataset = DATASETS[name]()
    x = dataset.split().test.x[:4].clamp(-0.3, 0.3)
    answers = []
    for rail in (0.0, 1000.0):
        chosen = options(rail=rail)
        circuit = KirchhoffNet.start(dataset.data, chosen, seed=0)
        solver = make_solver("rk4", steps=4)
        model = KirchhoffNet.of_circuit(circuit, dataset.data, chosen, solver, "discrete")
        answers.append(model.predict(x))
    assert torch.allclose(*answers, atol=1e-5)
    assert circuit.device_count > KirchhoffNet.start(dataset.data, options(), 0).device_count


class Squares(Dataset):
    """Images just large enough for two layers, no examples."""

    title = "Squares"
    classes = ("a", "b", "c")
    image_shape = (16, 16)
    input_count = 256

    def split(self):
        raise NotImplementedError


@pytest.mark.parametrize("dataset", [DIGITS, Squares()], ids=["small", "large"])
def test_positive_circuits_of_images(dataset):
    """Everything that learns is a rectifier, everything else is locked; ids count through."""
    chosen = options(positive=True, rail=1.0, window=4, deep_window=2)
    circuit = KirchhoffNet.start(dataset.data, chosen, seed=0)
    assert circuit == KirchhoffNet.start(dataset.data, chosen, seed=0)
    assert circuit.device_ids == tuple(f"d{k + 1}" for k in range(circuit.device_count))
    assert len(circuit.inputs) == dataset.input_count
    for table in circuit.tables():
        free = {table.kinds[code] for code in table.codes[table.trainable]}
        assert free <= {"rectifier"}
        clamped = np.bincount(
            table.source[~table.trainable & (table.target == len(circuit.nodes))],
            minlength=len(circuit.nodes),
        )
        assert (clamped == 1).all()
    tables = [part for part in circuit.slices if isinstance(part.devices, DeviceTable)]
    assert bool(tables) == (dataset is not DIGITS)


def test_positive_without_images_is_refused():
    with pytest.raises(StudioError, match="positive needs images of classes, and 'Two moons'"):
        KirchhoffNet.start(DATASETS["two_moons"]().data, options(positive=True), seed=0)


def test_training_keeps_conductances_positive_and_locked_devices_still():
    spec = TrainSpec.make(
        dataset="digits",
        model_options={"positive": True, "rail": 1.0, "channels": 2},
        epochs=1,
        learning_rate=0.05,
        solver="euler",
        solver_options={"steps": 4},
        frame_interval=0,
    )
    trainer = Trainer(spec)
    for _ in trainer.events():
        pass
    before, after = trainer.start.tables(), trainer.model.circuit().tables()
    lowest = 1.0
    for old, new in zip(before, after, strict=True):
        for code, kind in enumerate(new.kinds):
            free = new.trainable[new.places(code)]
            for name, values in new.params[code].items():
                kept = old.params[code][name]
                assert values[~free] == pytest.approx(kept[~free], rel=1e-6)
                if name == "conductance" and free.any():
                    assert kind == "rectifier"
                    lowest = min(lowest, float(values[free].min()))
    # The bound is met, not merely respected by chance.
    assert lowest == 0.0


@pytest.mark.parametrize(("name", "positive"), [("bounded", False), ("positive", True)])
def test_the_bounded_recipes_take_steps_that_their_clamps_allow(name, positive):
    """A forward Euler step h turns an excess e into (1 - h CLAMP) e, which must not grow."""
    recipe = KirchhoffNet.recipes(Squares().data)[name]
    chosen = options(**recipe["model_options"])
    assert chosen["positive"] is positive
    assert float(chosen["rail"]) > 0
    assert KirchhoffNet.recipes(DIGITS.data).keys() == {"default"}
    assert recipe["solver"] == "euler"
    assert CLAMP / recipe["solver_options"]["steps"] <= 2
    # In training, an excess as large as the rail still lands between the two rails.
    assert CLAMP / recipe["steps_low"] <= 3
    spec = TrainSpec.make(dataset="digits", **{**recipe, "model_options": {}})
    assert (spec.steps_low, spec.steps_high) == (recipe["steps_low"], recipe["steps_high"])
