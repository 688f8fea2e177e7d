"""The loop: learns, repeats itself exactly, goes on where it was left, fails in words."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from backend.circuit import Circuit, Device, Node, Slice
from backend.datasets import Examples
from backend.errors import RunError
from backend.training import (
    Checkpointed,
    Evaluated,
    FrameStored,
    PhaseBegun,
    StepDone,
    TrainSpec,
)
from backend.training.batches import Batches
from backend.training.loop import Trainer, TrainingDiverged, train, trained_circuit
from backend.training.schedule import learning_rate


def small(**changes) -> TrainSpec:
    given = {
        "dataset": "two_moons",
        "dataset_options": {"n": 150, "test": 60},
        "epochs": 4,
        "frame_interval": 0,
        "batch_size": 32,
        "report_interval": 3,
    }
    return TrainSpec.make(**{**given, **changes})


def rows(events) -> list[dict]:
    """Reports without the only thing that may differ, the time."""
    found = [event.row() for event in events if isinstance(event, Evaluated)]
    return [{key: value for key, value in row.items() if key != "time"} for row in found]


def test_events_come_in_order():
    events = list(train(small(frame_interval=2)))
    assert [type(e) for e in events if not isinstance(e, StepDone | PhaseBegun)][:4] == [
        FrameStored,
        Evaluated,
        Evaluated,
        Checkpointed,
    ]
    assert [e.epoch for e in events if isinstance(e, FrameStored)] == [0, 2, 4]
    assert [e.step for e in events if isinstance(e, StepDone)] == list(range(1, 21))
    tested = [e for e in events if isinstance(e, Evaluated) and "test_accuracy" in e.figures]
    assert [(e.epoch, e.step) for e in tested] == [(1, 5), (2, 10), (3, 15), (4, 20)]


def test_a_training_says_what_it_does():
    events = list(train(small(epochs=2)))
    phases = [e.phase for e in events if isinstance(e, PhaseBegun)]
    assert phases == ["compiling", "training", "evaluating", "training", "evaluating"]
    first = next(n for n, e in enumerate(events) if isinstance(e, StepDone))
    assert events[first + 1] == PhaseBegun("training"), "the first step compiles"


def test_equal_seeds_give_equal_curves():
    assert rows(train(small())) == rows(train(small()))
    assert rows(train(small())) != rows(train(small(seed=1)))


@pytest.mark.parametrize("left_at", [1, 5, 7, 12])
def test_a_resumed_training_has_exactly_the_same_curve(left_at):
    spec = small()
    whole = Trainer(spec)
    expected = rows(whole.events())
    first = Trainer(spec)
    before = []
    for event in first.events():
        before.append(event)
        if isinstance(event, StepDone) and event.step == left_at:
            break
    second = Trainer(spec, resume=first.snapshot())
    assert rows(before) + rows(second.events()) == expected
    for a, b in zip(whole.model.parameters(), second.model.parameters(), strict=True):
        assert torch.equal(a, b)


def test_one_batch_is_learnt_by_heart():
    spec = small(
        dataset="digits",
        dataset_options={},
        model_options={"channels": 2},
        epochs=40,
        schedule="constant",
        batch_size=32,
    )
    trainer = Trainer(spec)
    train = trainer.batches.train
    trainer.batches = Batches(trainer.task, Examples(train.x[:32], train.y[:32]), spec)
    steps = [event for event in trainer.events() if isinstance(event, StepDone)]
    assert steps[0].loss > 2.0
    assert steps[-1].figures["accuracy"] == 1.0


def test_two_moons_are_learnt():
    spec = TrainSpec.make(dataset="two_moons", epochs=15, frame_interval=0)
    last = [event for event in train(spec) if isinstance(event, Evaluated)][-1]
    assert "test_accuracy" in last.figures
    assert last.figures["test_accuracy"] >= 0.98


@pytest.mark.parametrize("name", ["one_cycle", "cosine", "step"])
def test_schedules_are_those_of_torch(name):
    spec = small(
        learning_rate=0.1, schedule=name, warm_up=0.25, final_share=0.01, decay_epochs=2, epochs=5
    )
    total = 20  # four steps an epoch
    cycle = torch.optim.lr_scheduler
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    if name == "step":
        course = cycle.StepLR(optimiser, step_size=2 * 4, gamma=0.3)
    elif name == "cosine":
        course = cycle.CosineAnnealingLR(optimiser, total - 1, eta_min=0.001)
    else:
        rise = cycle.LinearLR(optimiser, 1 / 25, total_iters=5)
        fall = cycle.CosineAnnealingLR(optimiser, total - 1 - 5, eta_min=0.001)
        course = cycle.SequentialLR(optimiser, [rise, fall], [5])
    for step in range(total):
        assert learning_rate(spec, step, total) == pytest.approx(course.get_last_lr()[0], rel=1e-6)
        optimiser.step()
        course.step()


def test_locked_devices_and_bounds_hold():
    start = Trainer(small()).start
    devices = list(start.slices[0].devices)
    devices[0] = replace(devices[0], trainable=False)
    # Weight decay alone would push this far below the smallest ideality that is allowed.
    devices.append(Device("diode", "diode", "h1", "gnd", {"ideality": 0.11}))
    changed = start.replace(slices=(replace(start.slices[0], devices=tuple(devices)),))
    trainer = Trainer(small(learning_rate=0.3, weight_decay=1.0), circuit=changed)
    list(trainer.events())
    end = {device.id: device for device in trainer.model.circuit().devices}
    assert end["d1"].params == pytest.approx(devices[0].params, rel=1e-6)
    assert end["leak_h1"].params["conductance"] == pytest.approx(0.5)
    assert end["d2"].params != devices[1].params
    assert end["diode"].params["ideality"] >= 0.1 * (1 - 1e-6)


def test_trained_values_come_back_as_a_circuit():
    trainer = Trainer(small(epochs=1))
    list(trainer.events())
    circuit = trained_circuit(trainer.start, trainer.snapshot())
    assert circuit == trainer.model.circuit()
    assert circuit != trainer.start


def test_frames_hold_the_probe_the_boundary_and_the_confusion():
    trainer = Trainer(small(frame_interval=1, epochs=1))
    frames = [event for event in trainer.events() if isinstance(event, FrameStored)]
    last = frames[-1].arrays
    circuit = trainer.start
    assert last["voltages"].shape == (101, len(circuit.nodes))
    assert last["currents"].shape == (101, len(circuit.devices))
    assert np.allclose(last["voltages"][0, :2], last["example"], atol=1e-6)
    assert np.array_equal(frames[0].arrays["example"], last["example"])
    assert last["confusion"].sum() == 60
    # The boundary's rows go along y: the value at a grid point is the model's there.
    x, y = last["boundary_x"][7], last["boundary_y"][40]
    with torch.no_grad():
        share = trainer.model(torch.tensor([[x, y]])).softmax(1)[0, 1]
    assert last["boundary"][40, 7] == pytest.approx(float(share), abs=1e-5)


def explosive() -> Circuit:
    """Node b feeds itself: dv/dt = 400 v, far too stiff for four Euler steps... and it grows."""
    nodes = (
        Node("x1", role="input"),
        Node("x2", role="input"),
        Node("a", role="output"),
        Node("b", voltage=1.0, role="output"),
    )
    devices = (
        Device("grow", "relu", "gnd", "b", {"a": 0.0, "b": 1e12, "c": 0.0}),
        Device("in", "tanh", "x1", "a"),
    )
    return Circuit(nodes, (Slice(devices),))


def test_a_diverging_training_ends_with_the_node_and_the_epoch():
    spec = small(circuit=explosive().to_dict())
    with pytest.raises(TrainingDiverged) as caught:
        list(train(spec))
    text = str(caught.value)
    assert "diverged in epoch 1, step 1" in text
    assert "node 'b'" in text
    assert "smaller learning rate" in text


def test_a_diverging_adaptive_solve_is_named_too():
    spec = small(circuit=explosive().to_dict(), solver="dopri5", solver_options={"max_steps": 50})
    with pytest.raises(TrainingDiverged, match=r"epoch 1.*node 'b'"):
        list(train(spec))


def test_a_generated_topology_can_be_trained():
    spec = TrainSpec.from_options(
        {"dataset": "two_moons", "n": "60", "topology": "ring", "nodes": "8", "epochs": "1"},
    )
    assert any(isinstance(event, Checkpointed) for event in train(spec))


def test_random_values_replace_drawn_ones_when_asked():
    circuit = explosive().to_dict()
    drawn = Trainer(small(circuit=circuit)).start
    fresh = Trainer(small(circuit=circuit, initial="random")).start
    assert drawn.devices[0].params["b"] == 1e12
    assert abs(fresh.devices[0].params["b"]) < 10


@pytest.mark.parametrize(
    ("model", "dataset"),
    [("kirchhoffnet", "two_moons"), ("kinn", "burgers"), ("resnet", "digits"), ("s4d", "digits")],
)
def test_a_spec_that_says_little_trains_with_the_defaults(model: str, dataset: str) -> None:
    """``TrainSpec(...)`` without ``make``: the model's options were missing one by one."""
    whole = Trainer(TrainSpec(model=model, dataset=dataset))
    assert next(whole.events()) == PhaseBegun("compiling")
    said = TrainSpec(model=model, dataset=dataset, model_options={"widht": 4})
    with pytest.raises(RunError, match=f"model {model}: unknown parameter 'widht'"):
        Trainer(said)


def test_only_circuits_are_told_to_take_more_steps() -> None:
    told = r"is not finite; .*\. Try a smaller learning rate$"
    spec = TrainSpec.make(model="s4d", dataset="two_moons", learning_rate=1e30, gradient_clip=0)
    with pytest.raises(TrainingDiverged, match=told):
        list(train(spec))
