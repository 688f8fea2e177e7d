"""Edits of a circuit while it trains, taken up again bit for bit."""

from itertools import pairwise

import pytest
import torch

from backend.changes import change_of_text
from backend.errors import StudioError
from backend.models.circuits import CircuitModel
from backend.training import Evaluated, TrainSpec
from backend.training.edits import Edit, moved
from backend.training.events import Edited, StepDone
from backend.training.loop import Snapshot, Trainer, trained_circuit

SPEC = TrainSpec.make(
    dataset="two_moons", dataset_options={"n": 256, "test": 40}, epochs=6, frame_interval=0,
    ema=0.9, model_options={"hidden": 3},
)  # fmt: skip


def edits(trainer: Trainer) -> list[Edit]:
    ids = trainer.model.circuit().device_ids
    nodes = trainer.model.circuit().node_ids
    texts = (
        f"stuck:device={ids[1]}",
        "drift:sigma=0.3,seed=2",
        f"add:device={ids[0]},source={nodes[0]},target={nodes[-1]}",
        f"dead_node:node={nodes[2]},how=cut",
    )
    return [
        Edit(step, change_of_text(text)) for step, text in zip((3, 3, 6, 9), texts, strict=True)
    ]


def run(trainer: Trainer, until: int | None = None) -> list[dict]:
    """Rows of the reports, without their times."""
    found = []
    for event in trainer.events():
        if isinstance(event, Evaluated):
            found.append({k: v for k, v in event.row().items() if k != "time"})
        if isinstance(event, StepDone) and event.step == until:
            break
    return found


def same(one: Snapshot, two: Snapshot) -> bool:
    return one.tensors.keys() == two.tensors.keys() and all(
        torch.equal(value, two.tensors[name]) for name, value in one.tensors.items()
    )


@pytest.mark.parametrize("stop", [2, 3, 5, 6, 9, 11])
def test_a_training_goes_on_bit_for_bit_wherever_it_was_left(stop):
    plan = edits(Trainer(SPEC))
    whole = Trainer(SPEC, edits=plan)
    rows = run(whole)
    first = Trainer(SPEC, edits=plan)
    before = run(first, stop)
    again = Trainer(SPEC, resume=first.snapshot(), edits=plan)
    rest = run(again)
    assert same(again.snapshot(), whole.snapshot())
    assert [*before, *rest] == rows
    assert whole.snapshot().meta["edits"] == 4


def test_what_stays_keeps_values_moments_and_means():
    trainer = Trainer(SPEC)
    run(trainer, 5)
    model = trainer.model
    assert isinstance(model, CircuitModel)
    circuit = model.circuit()
    gone = circuit.device_ids[1]
    found = moved(
        model, change_of_text(f"stuck:device={gone}"), SPEC, trainer.dataset,
        moments=trainer.optimiser.state(), means=trainer.average.state(),
    )  # fmt: skip
    kept = {d.id: dict(d.params) for d in circuit.devices if d.id != gone}
    assert {d.id: dict(d.params) for d in found.model.circuit().devices} == kept

    def rows(model: CircuitModel, values: dict[str, torch.Tensor], field: str) -> dict:
        """Rows by slice, kind, parameter and device."""
        found = {}
        names = {id(module): name for name, module in model.named_modules()}
        tables = model.compiled.circuit.tables()
        for part, table in zip(model.compiled.fields(), tables, strict=True):
            for group in part.kinds():
                for param in group.params:
                    value = values[f"{names[id(group)]}.params.{param}{field}"]
                    for row, place in enumerate(group.places.tolist()):
                        found[table.ids[place], param] = float(value[row])
        return found

    for field, old, new in (
        ("/exp_avg", trainer.optimiser.state(), found.moments),
        ("/exp_avg_sq", trainer.optimiser.state(), found.moments),
        ("", trainer.average.state(), found.means),
    ):
        before = {k: v for k, v in rows(model, old, field).items() if k[0] != gone}
        assert rows(found.model, new, field) == before
        assert any(before.values())


def test_edits_are_events_and_change_the_circuit():
    plan = edits(Trainer(SPEC))
    trainer = Trainer(SPEC, edits=plan)
    count = trainer.model.circuit().device_count
    events = [event for event in trainer.events() if isinstance(event, Edited)]
    assert [(event.step, event.words) for event in events] == [
        (edit.step, edit.change.words()) for edit in plan
    ]
    counts = [count, *(event.devices for event in events)]
    assert [b - a for a, b in pairwise(counts)][:3] == [-1, 0, 1]
    assert trainer.start is not None
    assert trained_circuit(trainer.start, trainer.snapshot()).device_count == counts[-1] < count


def test_what_no_training_can_go_on_with_is_refused():
    trainer = Trainer(SPEC, edits=[Edit(2, change_of_text("noise:sigma=0.1"))])
    with pytest.raises(StudioError, match="no change of the circuit"):
        run(trainer)
