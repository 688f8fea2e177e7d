"""Parts of every batch to helpers on the cluster; in the worker's process.

A helper that is gone costs nothing but time: the worker computes its parts itself, and another one
is asked for, which joins when it is ready. The gradient is the same whoever computes.
"""

import itertools
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from torch import Tensor

from ...errors import RunError, SolveError
from ...models import Moment
from ...training.gradients import Gradients, Learner
from ...training.parts import Branches, Parts, branches_of, folded
from ...training.spec import TrainSpec
from ..directory import RunDirectory
from .helper import Actor, Failure, Helper, Job
from .keeper import CLUSTER
from .session import connect, places, words

if TYPE_CHECKING:
    from ..launchers.base import Told

JOIN_SECONDS = 60.0
"""So long a training waits at its beginning for all helpers."""

LOSSES = 20
"""After so many lost helpers no other one is asked for."""


def gradients(run: RunDirectory, told: "Told") -> Gradients:
    """By parts; with helpers, where the run asks for several workers and this is a node.

    Args:
        run: its status has the number of workers.
        told: hears of workers that join or leave.
    """
    workers, address = int(run.status.get("workers", 1)), os.environ.get(CLUSTER)
    if workers == 1 or not address:
        return Parts()
    connect(address)
    return SharedParts(run.spec, workers, told)


@dataclass
class Place:
    """One of the workers beside this one.

    Args:
        actor: the helper.
        ready: what tells that it is ready, until it was told.
    """

    actor: Actor
    ready: Any


class SharedParts(Parts):
    """Gradients by parts that helpers share with this process.

    Args:
        spec: of the training.
        workers: all, with this one.
        told: hears of workers that join or leave.
    """

    def __init__(self, spec: TrainSpec, workers: int, told: "Told") -> None:
        super().__init__()
        self.spec, self.workers, self.told = spec, workers, told
        self.waiting: list[Place] = []
        self.ready: list[Place] = []
        self.lost = 0
        self.learner: Learner | None = None

    @property
    def working(self) -> int:
        """How many work now."""
        return 1 + len(self.ready)

    def branches(
        self, learner: Learner, moment: Moment, x: Tensor, y: Tensor, cuts: list[slice]
    ) -> Branches:
        """Sums that hold every part once, from all workers.

        Raises:
            SolveError: an adaptive solve stopped before its end.
            RunError: the model keeps statistics of batches.
        """
        self._meet(learner)
        whose = _shared_out(len(cuts), self.working)
        asked = self._ask(learner, moment, x, y, [[cuts[n] for n in own] for own in whose], whose)
        found = branches_of(learner, moment, {n: (x[cuts[n]], y[cuts[n]]) for n in whose[0]})
        for place, own, answer in zip(list(self.ready), whose[1:], asked, strict=True):
            branches = self._answer(place, answer)
            if branches is None:
                branches = branches_of(learner, moment, {n: (x[cuts[n]], y[cuts[n]]) for n in own})
            found |= branches
        return folded(found)

    def _ask(
        self,
        learner: Learner,
        moment: Moment,
        x: Tensor,
        y: Tensor,
        rows: list[list[slice]],
        whose: list[list[int]],
    ) -> list[Any]:
        """The helpers' answers to come."""
        import ray

        if not self.ready:
            return []
        values = ray.put([value.detach().cpu().numpy() for value in learner.model.parameters()])
        seed = moment.stream().initial_seed()
        jobs = [
            Job(moment.step, moment.total, seed,
                {n: (x[part].cpu().numpy(), y[part].cpu().numpy())
                 for n, part in zip(own, parts, strict=True)})
            for own, parts in zip(whose[1:], rows[1:], strict=True)
        ]  # fmt: skip
        return [place.actor.branches.remote(values, job)
                for place, job in zip(self.ready, jobs, strict=True)]  # fmt: skip

    def _answer(self, place: Place, answer: Any) -> Branches | None:
        """What a helper found; ``None`` where it is gone.

        Raises:
            SolveError: an adaptive solve stopped before its end.
            RunError: anything else that no other helper could do better.
        """
        import ray
        from ray.exceptions import ObjectLostError, RayActorError

        try:
            found: Any = ray.get(answer)
        except (RayActorError, ObjectLostError) as error:
            self._gone(place, words(error))
            return None
        if isinstance(found, Failure):
            raise (SolveError if found.solve else RunError)(found.message)
        return found

    def _meet(self, learner: Learner) -> None:
        """Ask for helpers that are missing, and take those in that are ready."""
        import ray

        first = self.learner is None
        if self.learner is None or learner.model is not self.learner.model:
            self.learner = learner
            for place in self.ready:
                place.ready = self._prepared(place.actor)
            self.waiting, self.ready = [*self.waiting, *self.ready], []
        while 1 + len(self.waiting) + len(self.ready) < self.workers and self.lost < LOSSES:
            actor = ray.remote(Helper).options(
                scheduling_strategy="SPREAD", max_restarts=0,
                **places(self.spec.threads, self.spec.device),
            ).remote(self.spec)  # fmt: skip
            self.waiting.append(Place(actor, self._prepared(actor)))
        if not self.waiting:
            return
        end = time.monotonic() + (JOIN_SECONDS if first else 0.0)
        refs = [place.ready for place in self.waiting]
        ray.wait(refs, num_returns=len(refs), timeout=max(0.0, end - time.monotonic()))
        for place in list(self.waiting):
            if ray.wait([place.ready], timeout=0)[0]:
                self._joined(place)
        if first and self.waiting:
            self.told(f"{self.working} of {self.workers} workers have a place in the cluster; "
                      "the others join when there is room", self.working)  # fmt: skip

    def _prepared(self, actor: Actor) -> Any:
        """A helper's answer that it has the present model."""
        assert self.learner is not None
        state = {name: value.detach().cpu().numpy()
                 for name, value in self.learner.model.state_dict().items()}  # fmt: skip
        return actor.prepare.remote(self.learner.start, state)

    def _joined(self, place: Place) -> None:
        import ray
        from ray.exceptions import RayError

        self.waiting.remove(place)
        try:
            node = ray.get(place.ready)
        except RayError as error:
            self._gone(place, words(error))
            return
        self.ready.append(place)
        self.told(f"worker {self.working} of {self.workers} works on {node}", self.working)

    def _gone(self, place: Place, why: str) -> None:
        """A helper is lost."""
        self.lost += 1
        if place in self.ready:
            self.ready.remove(place)
        self.told(f"a worker was lost ({why}); the run goes on with {self.working} of "
                  f"{self.workers}, on the same curve", self.working)  # fmt: skip


def _shared_out(parts: int, workers: int) -> list[list[int]]:
    """The numbers of the parts of every worker, next to each other."""
    bounds = [parts * worker // workers for worker in range(workers + 1)]
    return [list(range(*pair)) for pair in itertools.pairwise(bounds)]
