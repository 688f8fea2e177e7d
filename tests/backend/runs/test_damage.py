"""Files of a run that were damaged, edited or come from elsewhere: one sentence, and no crash."""

import io
import json
import os
import random
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from backend.errors import StudioError
from backend.runs import RunDirectory, follow, list_runs, open_run, resume_run
from backend.runs.checkpoints import write_checkpoint
from backend.training import TrainSpec
from backend.training.evaluate import evaluate
from backend.training.loop import Trainer
from designer.service.training import Training

ROUNDS = int(os.environ.get("KIRCHHOFF_FUZZ_ROUNDS", "40"))
"""Mutations of every file; more of them when somebody has the time."""

FILES = (
    "spec.json",
    "origin.json",
    "circuit.json",
    "status.json",
    "metrics.jsonl",
    "log.txt",
    "checkpoints/last.safetensors",
    "checkpoints/best.safetensors",
    "frames/000001.npz",
)
WRONG = (
    b"", b"{", b"[]", b"null", b"0", b'""', b"NaN", b"\xff\xfe{}", b"\xef\xbb\xbf{}", b"\x00" * 64,
    b"[" * 100_000, b'{"a":' * 100_000, b'{"state": "running", "state": "done"}',
    b'{"state": "done", "step": 1e400, "total": -1, "name": {}, "created": "x", "message": []}',
    b'{"state": "running", "pid": -1, "start_time": 3, "host": null, "beat": NaN}',
    b'{"state": "queued", "launcher": "elsewhere", "queued": "soon", "environment": [1]}',
    b'{"state": "done", "step": ' + b"9" * 5000 + b"}",
    b'{"state": "lost", "name": "\\ud800", "message": "\\u001b[31m"}',
    b'{"step": "x"}\n{"step": 1, "epoch": []}\n[1]\n{"step": 2, "test_loss": "low"}\n\xff\n',
    b'{"step": 1, "epoch": 1, "test_loss": NaN, "test_accuracy": 1e999, "train_loss": true}\n',
)  # fmt: skip
VALUES = (None, True, -1, 0, 1e308, 10**400, float("nan"), "", "x" * 5000, "\ud800", [], {}, [[]])


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """A HOME with one finished run beside another one that stays whole."""
    home = tmp_path_factory.mktemp("home")
    spec = TrainSpec.make(
        dataset="two_moons", dataset_options={"n": 20, "test": 20}, epochs=1, threads=1
    )
    trainer = Trainer(spec)
    for name in ("victim", "other"):
        run = RunDirectory.create(spec, home, trainer.start)
        run.path.rename(home / "runs" / name)
    # A run that waits would be started by whoever looks at the queue.
    RunDirectory(home / "runs" / "other").write_status(state="cancelled")
    run = RunDirectory(home / "runs" / "victim")
    events = list(trainer.events())
    rows = [json.dumps(event.row()) for event in events if hasattr(event, "row")]
    (run.path / "metrics.jsonl").write_text("\n".join(rows) + "\n")
    write_checkpoint(trainer.snapshot(), run.path / "checkpoints", trainer.snapshot())
    arrays = [event.arrays for event in events if hasattr(event, "arrays")][-1]
    np.savez_compressed(run.path / "frames" / "000001.npz", **arrays)
    (run.path / "log.txt").write_text("epoch 1\ndone\n")
    run.write_status(state="cancelled", step=1, total=1)
    return home


@pytest.fixture
def home(whole, tmp_path) -> Path:
    shutil.copytree(whole, tmp_path / "home")
    return tmp_path / "home"


def answers(home: Path) -> list[str]:
    """Ask everything that reads a run; what was refused. Nothing but a sentence may come."""
    said: list[str] = []
    service = Training(home)

    def ask(question):
        try:
            answer = question()
        except StudioError as error:
            sentence = str(error)
            assert sentence
            assert len(sentence) < 1000
            said.append(sentence)
            return None
        return answer

    listed = [follow.summary(run) for run in list_runs(home)]
    assert any(line.startswith("other") for line in listed)
    assert all(line.encode() for line in listed)
    ask(lambda: follow.describe(open_run(home, "victim")).encode())
    ask(lambda: follow.compare([open_run(home, "victim"), open_run(home, "other")]))
    ask(lambda: open_run(home, "victim").log())
    ask(lambda: open_run(home, "victim").circuit("last"))
    json.dumps(service.recent(), allow_nan=False)
    ask(lambda: json.dumps(service.show("victim"), allow_nan=False))
    ask(lambda: json.dumps(service.metrics("victim"), allow_nan=False))
    for question in (service.rows, service.frames, service.about, service.trained):
        ask(lambda question=question: question("victim"))
    ask(lambda: service.frame("victim", 1))
    ask(lambda: service.stored("victim", 1))
    return said


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The content of a file, cut, flipped, doubled or replaced; JSON also with a wrong value."""
    kind = rng.randrange(6)
    place = rng.randrange(max(1, len(data)))
    if kind == 0:
        return data[:place]
    if kind == 1:
        return data[:place] + bytes([data[place] ^ (1 << rng.randrange(8))]) + data[place + 1 :]
    if kind == 2:
        return data[:place] + rng.randbytes(rng.randrange(1, 40)) + data[place:]
    if kind == 3:
        return data[:place] + data[place + rng.randrange(1, 40) :]
    if kind == 4:
        return rng.choice(WRONG)
    return _wrong_value(data, rng)


def _wrong_value(data: bytes, rng: random.Random) -> bytes:
    try:
        lines = [json.loads(line) for line in (data.splitlines() if b"}\n{" in data else [data])]
    except ValueError:
        return data[::-1]
    found = rng.choice(lines)
    while isinstance(found, dict) and found:
        name = rng.choice(list(found))
        if isinstance(found[name], dict) and found[name] and rng.random() < 0.7:
            found = found[name]
        else:
            found[name] = rng.choice(VALUES)
            break
    return b"\n".join(json.dumps(line).encode() for line in lines) + b"\n"


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_said_in_a_sentence(home, name):
    rng = random.Random(name)
    path = home / "runs" / "victim" / name
    before = path.read_bytes()
    for _ in range(ROUNDS):
        path.write_bytes(mutated(before, rng))
        answers(home)
    path.write_bytes(before)
    status = home / "runs" / "victim" / "status.json"
    RunDirectory(status.parent).write_status(state="cancelled", message="")
    assert answers(home) == []


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("what", ["missing", "folder", "pipe"])
def test_something_else_in_the_place_of_a_file(home, name, what):
    path = home / "runs" / "victim" / name
    path.unlink()
    if what == "folder":
        path.mkdir()
    if what == "pipe":
        os.mkfifo(path)
    said = answers(home)
    assert all("\n" not in sentence for sentence in said)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("status.json", b'{"state": "run', "status.json: is no whole JSON"),
        ("status.json", b"[" * 99_999, "status.json: is nested too deeply"),
        ("status.json", b'{"state": "done", "state": "done"}', "a name stands twice"),
        ("metrics.jsonl", b"\xff\n{}\n", "metrics.jsonl: 1 line is no report"),
        ("origin.json", b"3", "origin.json: is no record of a run's origin"),
    ],
)
def test_a_shown_run_names_its_damaged_file(home, name, content, words):
    (home / "runs" / "victim" / name).write_bytes(content)
    try:
        said = follow.describe(open_run(home, "victim"))
    except StudioError as error:
        said = str(error)
    assert words in said


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("voltages.npy", bytes(2**29))
    return file.getvalue()


def array(**arrays) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


T, V = np.arange(3.0), np.zeros((3, 2))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04", "is no whole frame"),
        (bomb(), "unpacks to more than 256 MB"),
        (array(t=np.array(["a"])), "its array t holds no numbers"),
        (array(t=np.array([None]), voltages=V), "its array t holds no numbers"),
        (array(t=T, voltages=V[:2]), "voltages and t do not fit together"),
        (array(t=T, voltages=V[0]), "its array voltages has 1 axes"),
        (array(t=T, voltages=V * np.nan), "voltages holds values that are not finite"),
        (array(t=T[::-1], voltages=V), "its times do not ascend"),
        (array(t=T, voltages=V, boundary=V), "boundary comes without its axes"),
        (array(t=T, voltages=V, confusion=np.zeros((2, 3), int)), "not square"),
        (array(t=T, voltages=V, epoch=np.array(-1)), "epoch holds no counts"),
        (
            array(field_target_1=np.ones((2, 1, 4)), field_prediction_1=np.ones((2, 1, 8))),
            "field_target_1 and field_prediction do not fit together",
        ),
        (array(t=T, voltages=V), "belongs to another circuit"),
        (array(voltages=V), "belongs to another circuit"),
        (array(t=T[:0], voltages=V[:0]), "belongs to another circuit"),
    ],
)
def test_a_frame_is_looked_at_before_it_is_shown(home, content, words):
    path = home / "runs" / "victim" / "frames" / "000001.npz"
    path.write_bytes(content)
    with pytest.raises(StudioError, match=r"000001\.npz") as caught:
        Training(home).frame("victim", 1)
    assert words in str(caught.value)


def edit(home: Path, name: str, value: object) -> None:
    path = home / "runs" / "victim" / "spec.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), name: value}))


@pytest.mark.parametrize(("name", "value"), [("learning_rate", 0.5), ("solver", "euler"),
                                             ("dataset_options", {"n": 30, "test": 20}),
                                             ("seed", 3), ("epochs", 7)])  # fmt: skip
def test_an_edited_spec_is_refused_by_name(home, name, value):
    edit(home, name, value)
    run = open_run(home, "victim")
    for question in (lambda: resume_run(home, "victim"), lambda: evaluate(run),
                     lambda: run.circuit(), lambda: Training(home).show("victim")):  # fmt: skip
        with pytest.raises(StudioError, match=f"spec.json: {name} is .* put it back"):
            question()
    assert run.status["state"] == "cancelled"


def test_what_does_not_decide_the_training_may_be_edited(home):
    edit(home, "threads", 2)
    edit(home, "name", "later")
    run = open_run(home, "victim")
    assert (run.spec.threads, run.spec.name) == (2, "later")
    Trainer(run.spec, circuit=run.start_circuit(), resume=run.checkpoint("last"))


def test_an_edited_circuit_or_a_checkpoint_of_another_run_is_refused(home):
    run = open_run(home, "victim")
    other = run.spec.model_copy(update={"learning_rate": 0.3})
    snapshot = run.checkpoint("last")
    with pytest.raises(StudioError, match=r"learning_rate is 0\.3, but the training was"):
        Trainer(other, circuit=run.start_circuit(), resume=snapshot)
    path = run.path / "circuit.json"
    path.write_text(path.read_text().replace('"voltage": 0.0', '"voltage": 0.5', 1))
    with pytest.raises(StudioError, match=r"circuit.json: the circuit was changed"):
        run.start_circuit()


def test_a_flipped_bit_of_a_checkpoint_is_noticed(home):
    path = home / "runs" / "victim" / "checkpoints" / "last.safetensors"
    data = bytearray(path.read_bytes())
    data[-5] ^= 4
    path.write_bytes(data)
    with pytest.raises(StudioError, match=r"last.safetensors: .* damaged after it was written"):
        open_run(home, "victim").checkpoint("last")
