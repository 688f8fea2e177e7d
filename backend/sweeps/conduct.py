"""Carrying a sweep out: trials begun, followed, ended early, and the winner measured.

Trials are ordinary runs in the ordinary queue. This process only chooses, looks and asks to stop;
when it is killed, the runs at work go on, and whoever takes the sweep up again finds them. A run
that came to its end before its curve was looked at counts, whatever its curve: pruning saves time
and throws no figure away.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import RunError, StudioError
from ..runs import (
    LAUNCHERS,
    RunDirectory,
    home_folder,
    list_runs,
    queue_run,
    reconcile,
    resume_run,
    stop_run,
)
from ..runs.life import identity
from ..runs.lock import work_lock
from ..runs.making import new_id
from .curve import Point, curve
from .directory import SweepDirectory, list_sweeps
from .rows import Row, row_of
from .spec import SweepSpec, read_sweep, wholes
from .study import Study, load_optuna
from .verdict import judged

POLL_SECONDS = 0.3
MOST_RESUMPTIONS = 2
"""Of a run whose worker was lost, before its trial is given up."""

TAKEN = "another process carries out this sweep already; wait for it, or stop it first"


def prepare(spec: SweepSpec, home: str | Path | None = None) -> tuple[SweepDirectory, bool]:
    """The sweep of a spec, and whether it is new: the same file again leads to the same sweep.

    Raises:
        StudioError: Optuna is missing, or the directory cannot be made.
    """
    load_optuna()
    for sweep in list_sweeps(home):
        if sweep.about.get("digest") == spec.digest:
            return sweep, False
    content = {
        "digest": spec.digest,
        "fixed": spec.fixed,
        "search": spec.search,
        "sweep": spec.settings,
        "start": spec.start,
        "objective": spec.objective,
        "higher": spec.higher,
    }
    name = str(spec.fixed.get("name") or f"{spec.fixed['dataset']} sweep")
    id = new_id(spec.train_spec({}, name[:80]))
    return SweepDirectory.create(home_folder(home), id, content), True


class Conductor:
    """Works on a sweep until its budget is spent.

    Args:
        sweep: its directory.
        trials: in all, in the place of what the spec says.
        launcher: of its runs.

    Raises:
        StudioError: the sweep's files are damaged, or there is no such launcher.
    """

    def __init__(
        self, sweep: SweepDirectory, trials: int | None = None, launcher: str = "local"
    ) -> None:
        about = sweep.about
        self.sweep = sweep
        self.spec = read_sweep(
            {**about["fixed"], "search": about["search"], "sweep": about["sweep"]}
        )
        self.settings = self.spec.settings
        self.trials = int(trials or self.settings["trials"])
        self.launcher, self.slots = launcher, LAUNCHERS[launcher].slots()
        self._lost: dict[int, int] = {}
        self._seen: dict[int, tuple[list[Point], int]] = {}
        self._spent = sweep.status["seconds"]
        self._began = time.monotonic()

    def events(self) -> Iterator[Row]:
        """A row whenever a trial begins or ends; the end of the iteration is that of the sweep.

        Raises:
            RunError: another process works on it, or the disk refuses.
        """
        with work_lock(self.sweep.path, 0.0, TAKEN):
            if self.sweep.result:
                judged(self.sweep, self.spec)  # the test set may not have been read yet
                return
            self.study = Study(
                self.sweep.path, self.spec.space, wholes=wholes(self.spec),
                seed=self.settings["seed"], pruner=self.settings["pruner"],
                higher=self.spec.higher, epochs=self.spec.epochs,
            )  # fmt: skip
            state = "resting"
            try:
                self._write("running")
                yield from self._work()
                judged(self.sweep, self.spec)
                state = "done"
            finally:
                self._write(state)

    @property
    def seconds(self) -> float:
        """Of work so far, over all resumptions."""
        return self._spent + time.monotonic() - self._began

    def rows(self) -> list[Row]:
        """All trials that were begun."""
        return [row_of(trial) for trial in self.study.trials() if trial.params or trial.user_attrs]

    def _work(self) -> Iterator[Row]:
        going = list(self.study.unended())
        for number in going:
            self._adopt(number)
        self._write("running")
        while going or self._may_begin():
            reconcile(self.sweep.home)
            for number in list(going):
                if self._look(number):
                    going.remove(number)
                    self._write("running")
                    yield row_of(self.study.trials()[number])
            while len(going) < self.slots and self._may_begin():
                number = self.study.begin(self.spec.start)
                self._start(number)
                going.append(number)
                self._write("running")
                yield row_of(self.study.trials()[number])
            time.sleep(POLL_SECONDS if going else 0.0)

    def _may_begin(self) -> bool:
        limit = 60 * float(self.settings["minutes"])
        in_time = not limit or self.seconds < limit or not self.study.trials()
        return in_time and len(self.rows()) < self.trials

    def _start(self, number: int) -> None:
        """Queue the run of a trial; a refusal is kept for the next look."""
        name = self.spec.fixed.get("name") or f"{self.spec.fixed['dataset']} sweep"
        try:
            spec = self.spec.train_spec(self.study.settings(number), f"{name[:80]} trial {number}")
            run = queue_run(spec, self.sweep.home, self.launcher, sweep=self.sweep.id, trial=number)
            self.study.note(number, run=run.id, began=time.time())
        except StudioError as error:
            self.study.note(number, refused=str(error), began=time.time())
        reconcile(self.sweep.home)

    def _adopt(self, number: int) -> None:
        """Find the run of a trial that another process began, or make it."""
        noted = self.study.noted(number)
        if "run" in noted or "refused" in noted:
            return
        for run in list_runs(self.sweep.home):
            status = run.status
            if status.get("sweep") == self.sweep.id and status.get("trial") == number:
                self.study.settings(number)
                self.study.note(number, run=run.id, began=status.get("created"))
                return
        self._start(number)

    def _look(self, number: int) -> bool:
        """Follow a trial; whether it has ended."""
        noted = self.study.noted(number)
        if "refused" in noted:
            return self._fail(number, noted["refused"])
        path = self.sweep.home / "runs" / noted["run"]
        try:
            run = RunDirectory(path)
        except RunError:
            return self._fail(number, "its run was deleted")
        status = run.status  # before the reports: what was reported before its end is then seen
        points, fresh = self._points(number, run)
        state = status["state"]
        if state in ("queued", "running"):
            self._consider(number, run, fresh, noted)
            return False
        if state == "done":
            return self._end(number, points, fresh)
        if state == "lost" and self._lost.get(number, 0) < MOST_RESUMPTIONS:
            self._lost[number] = self._lost.get(number, 0) + 1
            try:
                resume_run(self.sweep.home, run.id)
            except StudioError as error:
                return self._fail(number, str(error))
            return False
        if state == "cancelled" and "pruned" in noted:
            run.write_status(message=noted["pruned"])
            self.study.note(number, ended=time.time(), message=noted["pruned"])
            self.study.prune(number)
            return True
        words = {"cancelled": "its run was stopped by hand"}.get(state, status.get("message"))
        return self._fail(number, str(words or state))

    def _points(self, number: int, run: RunDirectory) -> tuple[list[Point], list[Point]]:
        """The curve of a trial, and what of it is new."""
        points, after = self._seen.get(number, ([], 0))
        rows, after = run.metrics(after)
        fresh = curve(rows, self.spec.objective, points[-1] if points else None)
        points = [*points, *fresh]
        self._seen[number] = (points[-1:], after)
        return points, fresh

    def _consider(
        self, number: int, run: RunDirectory, fresh: list[Point], noted: dict[str, Any]
    ) -> None:
        """Report new points of a curve, and have the run stopped if it is not worth going on.

        What it does until its worker sees the request is not counted, so that the table does not
        depend on how fast that is.
        """
        if "pruned" in noted:
            if not run.stop_asked:  # this process's forerunner was killed before it could
                stop_run(self.sweep.home, run.id)
            return
        for point in fresh:
            ended = self.study.report(number, point.epoch, point.value)
            if ended or point is fresh[-1]:
                self._note_point(number, point)
            if ended:
                kind = {"median": "behind the median of the trials before it"}
                why = kind.get(self.settings["pruner"], "not among the better half of the trials")
                self.study.note(number, pruned=f"pruned after epoch {point.epoch}: {why}")
                stop_run(self.sweep.home, run.id)
                return

    def _note_point(self, number: int, point: Point) -> None:
        now = {"epoch": point.epoch, "value": point.value, "loss": point.loss}
        if {name: self.study.noted(number).get(name) for name in now} != now:
            self.study.note(number, **now)
            self._write("running")

    def _end(self, number: int, points: list[Point], fresh: list[Point]) -> bool:
        if not points:
            return self._fail(number, f"its run reported no validation {self.spec.objective}")
        for point in fresh:
            self.study.report(number, point.epoch, point.value)
        self._note_point(number, points[-1])
        self.study.note(number, ended=time.time(), message="")
        self.study.end(number, points[-1].value)
        return True

    def _fail(self, number: int, why: str) -> bool:
        self.study.note(number, ended=time.time(), message=why)
        self.study.fail(number)
        return True

    def _write(self, state: str) -> None:
        """What readers see."""
        self.sweep.write("trials.json", [row.to_dict() for row in self.rows()])
        about = {"state": state, "seconds": self.seconds, "trials": self.trials, **identity()}
        self.sweep.write("status.json", about)
