"""Who computes next: a few slots, a turn for every page, and an end to each turn.

Requests that compute wait here, never in the server's threads for light ones. Pages take turns, so
that one with a hundred requests waits no less than one with a single one; what nobody waits for
any more is stopped.
"""

import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain

from backend.errors import StudioError
from backend.simulation.stopping import Stopped, StopSignal

from .pace import Meter, PaceClock, Pause, never

LOOK = 0.1
"""Seconds between two looks at who is gone or late."""

NO_LONGER = "The page no longer asks for this."
REPLACED = "A newer request of this page replaces this one."


class BusyError(StudioError):
    """No turn within a sensible time; asking again later helps.

    Args:
        message: one plain sentence.
        seconds: after which to ask again.
    """

    def __init__(self, message: str, seconds: int = 5) -> None:
        super().__init__(message)
        self.seconds = seconds


class LateError(StudioError):
    """A turn that took longer than it may."""


@dataclass(frozen=True)
class Asker:
    """Who asks, as far as a request says.

    Args:
        page: one open page, or the address of a program.
        purpose: what the page wants it for; a newer question of one purpose replaces the older.
        number: of the question among those of the page, ``None`` when they are independent.
        gone: whether nobody waits for the answer any more.
    """

    page: str = ""
    purpose: str = ""
    number: int | None = None
    gone: Callable[[], bool] = field(default=lambda: False, compare=False)


@dataclass(eq=False)
class _Ticket:
    """One request: waiting until ``called``, then working until its turn ends."""

    asker: Asker
    entered: float = 0.0
    thread: int = field(default_factory=threading.get_ident)
    stop: StopSignal = field(default_factory=StopSignal)
    called: threading.Event = field(default_factory=threading.Event)
    why: StudioError | None = None
    deadline: float = math.inf

    def end(self, why: StudioError) -> None:
        """Ask the work to stop, or not to begin; the first reason counts."""
        self.why = self.why or why
        self.stop.set()
        self.called.set()


class Turns:
    """Slots for one sort of work.

    Seconds are those of a clock that stands almost still while the work gets no processor, see
    ``pace``.

    Args:
        slots: how many may work at once.
        seconds: what one piece of work may take.
        what: one piece of it in words.
        waiting: how many may wait.
        each: how many of one page may wait.
        patience: how long one waits for its turn at most [s].
        meter: processor time of what works elsewhere for this lane.
        pause: whether no time passes now.
    """

    def __init__(
        self,
        slots: int,
        seconds: float,
        what: str,
        waiting: int = 64,
        each: int = 8,
        patience: float = 30.0,
        meter: Meter = float,
        pause: Pause = never,
    ) -> None:
        self.slots, self.seconds, self.what = slots, seconds, what
        self.waiting, self.each, self.patience = waiting, each, patience
        self._clock = PaceClock(meter, pause)
        self._lock = threading.Lock()
        self._queues: OrderedDict[str, deque[_Ticket]] = OrderedDict()
        self._working: list[_Ticket] = []
        self._watched = False

    @contextmanager
    def turn(self, asker: Asker) -> Iterator[StopSignal]:
        """Wait for a slot and hold it; the signal says when to stop.

        Args:
            asker: who waits for the result.

        Raises:
            BusyError: too many wait, or for too long.
            LateError: the work took longer than it may, and heard of it.
            Stopped: nobody wants the result any more.
        """
        ticket = _Ticket(asker)
        self._enter(ticket)
        try:
            ticket.called.wait()
            if ticket.why is not None:
                raise ticket.why
            yield ticket.stop
        except Stopped:
            raise ticket.why or Stopped("The work was cancelled.") from None
        finally:
            self._leave(ticket)

    @property
    def working(self) -> int:
        """How many pieces of work go on now."""
        return len(self._working)

    def cancel(self, page: str, purpose: str | None = None) -> int:
        """Stop what a page asked for; returns how much that was."""
        with self._lock:
            found = [
                ticket
                for ticket in self._all()
                if ticket.asker.page == page and purpose in (None, ticket.asker.purpose)
            ]
            for ticket in found:
                ticket.end(Stopped(NO_LONGER))
        return len(found)

    def _enter(self, ticket: _Ticket) -> None:
        with self._lock:
            if not self._watched:
                self._clock.look([])
            ticket.entered = self._clock.now
            self._supersede(ticket.asker)
            queue = self._queues.get(ticket.asker.page, ())
            if len(queue) >= self.each or sum(map(len, self._queues.values())) >= self.waiting:
                raise BusyError("The server is busy with other requests; try again in a moment.")
            self._queues.setdefault(ticket.asker.page, deque()).append(ticket)
            self._call()
            if not self._watched:
                self._watched = True
                threading.Thread(target=self._watch, name="turns", daemon=True).start()

    def _leave(self, ticket: _Ticket) -> None:
        with self._lock:
            if ticket in self._working:
                self._working.remove(ticket)
            else:
                self._queues[ticket.asker.page].remove(ticket)
                self._forget(ticket.asker.page)
            self._call()

    def _call(self) -> None:
        """Call those whose turn it is."""
        while (ticket := self._next()) is not None:
            page = ticket.asker.page
            self._queues[page].popleft()
            self._queues.move_to_end(page)  # the others come first now
            self._forget(page)
            ticket.deadline = self._clock.now + self.seconds
            self._working.append(ticket)
            ticket.called.set()

    def _next(self) -> _Ticket | None:
        """Whose turn it is, when a slot is free; a page works at one thing at a time."""
        if len(self._working) >= self.slots:
            return None
        busy = {ticket.asker.page for ticket in self._working}
        for page, queue in self._queues.items():
            if page not in busy:
                return queue[0]
        return None

    def _supersede(self, asker: Asker) -> None:
        """A page that asks again no longer waits for what it asked before."""
        if asker.number is None:
            return
        for ticket in self._all():
            other = ticket.asker
            if (other.page, other.purpose) != (asker.page, asker.purpose) or other.number is None:
                continue
            if other.number > asker.number:
                raise Stopped(REPLACED)
            ticket.end(Stopped(REPLACED))

    def _all(self) -> list[_Ticket]:
        return [*self._working, *chain.from_iterable(self._queues.values())]

    def _forget(self, page: str) -> None:
        if not self._queues[page]:
            del self._queues[page]

    def _watch(self) -> None:
        """Look after the turns as long as there are any."""
        while True:
            time.sleep(LOOK)
            with self._lock:
                if not self._working and not self._queues:
                    self._watched = False
                    return
                now = self._clock.look([ticket.thread for ticket in self._working])
                for ticket in self._all():
                    self._look(ticket, now)

    def _look(self, ticket: _Ticket, now: float) -> None:
        if ticket.asker.gone():
            ticket.end(Stopped(NO_LONGER))
        elif now > ticket.deadline:
            ticket.end(LateError(self._late()))
        elif ticket.deadline == math.inf and now - ticket.entered > self.patience:
            ticket.end(BusyError("The server was busy for too long; try again in a moment."))

    def _late(self) -> str:
        return (
            f"{self.what} took longer than {self.seconds:.0f} s and was stopped; make it smaller, "
            "or use the command line, which has no such limit."
        )
