"""A HOME that cannot be written to, whatever the reason: said in words, and still readable."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from backend.errors import RunError
from backend.runs import (
    RunDirectory,
    delete_run,
    list_runs,
    resume_run,
    start_run,
    stop_run,
)
from backend.runs import lock as lock_module
from backend.runs.files import remove_parts, replace_file
from backend.training import TrainSpec
from backend.training.prepare import start_circuit
from designer.service.training import Training

ROOT = Path(__file__).parents[3]
SPEC = {"dataset": "two_moons", "dataset_options": {"n": 20, "test": 20}, "epochs": 1}


@pytest.fixture
def run(tmp_path) -> RunDirectory:
    spec = TrainSpec.make(**SPEC)
    made = RunDirectory.create(spec, tmp_path / "home", start_circuit(spec))
    made.write_status(state="cancelled")
    return made


def refuse_writes(monkeypatch, number: int) -> None:
    """Every way to change a file fails as the system does it, down where Python calls it."""
    real = os.open

    def refused(*names, **more):
        raise OSError(number, os.strerror(number), str(names[0]))

    def opened(path, flags, *more, **named):
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(number, os.strerror(number), str(path))
        return real(path, flags, *more, **named)

    import io

    real_open = io.open

    def file_opened(file, mode="r", *more, **named):
        if set(mode) & set("wax+"):
            raise OSError(number, os.strerror(number), str(file))
        return real_open(file, mode, *more, **named)

    monkeypatch.setattr(os, "open", opened)
    monkeypatch.setattr(io, "open", file_opened)
    for name in ("mkdir", "rename", "replace", "unlink", "link", "rmdir", "utime"):
        monkeypatch.setattr(os, name, refused)


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO])
def test_every_command_says_that_nothing_can_be_written(run, monkeypatch, number):
    other = TrainSpec.make(**SPEC)
    refuse_writes(monkeypatch, number)
    assert [found.id for found in list_runs(run.home)] == [run.id]
    assert Training(run.home).recent()[0]["id"] == run.id
    for action in (
        lambda: stop_run(run.home, run.id),
        lambda: resume_run(run.home, run.id),
        lambda: delete_run(run.home, run.id),
        lambda: start_run(other, run.home),
        lambda: start_run(other, run.home / "deeper"),
    ):
        with pytest.raises(RunError, match=r"cannot be written .*make it writable or name another"):
            action()


READ_ONLY = """
mount -t tmpfs none {home} -o size=8m || exit 77
cp -r {source}/. {home} && mount -o remount,ro {home} || exit 77
for words in "runs list" "runs show {id}" "runs stop {id}" "runs resume {id}" \
    "train --dataset two_moons --set n=20"; do
  {python} -m designer $words --home {home}; echo "status $?"
done
"""


@pytest.mark.slow
def test_a_read_only_disk_is_said_in_a_line(run, tmp_path):
    home = tmp_path / "disk"
    home.mkdir()
    script = READ_ONLY.format(home=home, source=run.home, id=run.id, python=sys.executable)
    answer = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, check=False,
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    if answer.returncode:
        pytest.skip(f"no disk of one's own can be mounted here: {answer.stderr[:100]}")
    assert "Traceback" not in answer.stderr
    assert answer.stdout.count("status 0") == 2, answer
    assert answer.stdout.count("status 2") == 3
    complaints = answer.stderr.splitlines()
    assert len(complaints) == 3
    assert all("cannot be written (Read-only file system); make it" in line for line in complaints)


def test_a_failed_write_leaves_its_reason_not_that_of_the_cleaning(tmp_path, monkeypatch):
    refuse_writes(monkeypatch, errno.EROFS)
    with pytest.raises(OSError, match="Read-only") as caught:
        replace_file(tmp_path / "status.json", b"{}")
    assert str(caught.value.filename).endswith(".part")


def test_what_killed_writers_left_goes_when_a_run_is_made(run, tmp_path):
    runs = run.home / "runs"
    (runs / ".20200101-000000-x-0000.part" / "frames").mkdir(parents=True)
    (runs / ".status.json.77.part").touch()
    spec = TrainSpec.make(**SPEC)
    made = RunDirectory.create(spec, run.home, start_circuit(spec))
    assert sorted(os.listdir(runs)) == sorted([".lock", run.id, made.id])


def test_only_parts_are_removed(tmp_path):
    for name in (".a.npz.1.part", "kept.part", ".kept", "000001.npz"):
        (tmp_path / name).touch()
    (tmp_path / ".link.part").symlink_to(tmp_path / "kept.part")
    remove_parts(tmp_path)
    assert sorted(os.listdir(tmp_path)) == [".kept", "000001.npz", "kept.part"]


def test_a_run_that_cannot_be_filled_leaves_no_folder(run, monkeypatch):
    spec = TrainSpec.make(**SPEC)
    circuit = start_circuit(spec)
    from backend.runs import making

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(making, "origin_of", full)
    with pytest.raises(RunError, match="no space left on the disk; make room"):
        RunDirectory.create(spec, run.home, circuit)
    assert sorted(os.listdir(run.home / "runs")) == sorted([".lock", run.id])


def test_a_second_worker_on_a_run_is_turned_away(run, monkeypatch):
    monkeypatch.setattr(lock_module, "PATIENCE", 0.0)
    with lock_module.work_lock(run.path):
        code = (
            "import sys; from backend.runs import lock; "
            f"held = lock.work_lock(lock.Path({str(run.path)!r}), 0.2); held.__enter__()"
        )
        answer = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT
        )
    assert "another worker trains this run already" in answer.stderr
    with lock_module.work_lock(run.path, 0.0):
        pass
