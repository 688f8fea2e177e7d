"""How many large bodies of JSON are unpacked at the same time.

A body of brackets takes twenty-five times its length once it is read. Small ones pass; of the
others only as many are read at once as fit a fixed memory, the rest wait on the disk.
"""

import threading
import time

from flask import Flask, Response, current_app, g, request

from .security import refusal

JSON_LIMIT = 4 * 2**20
"""Largest body of JSON [bytes]: two circuits as large as the board shows."""

UNPACKED = 25
"""Memory that JSON may take, as a multiple of its length."""

SMALL = 64 * 1024
MEMORY = 128 * 2**20
PATIENCE = 20.0
_NAME = "kirchhoff-bodies"


class Bodies:
    """A memory that is given out and taken back, first come, first served.

    Args:
        memory: in all [bytes].
        patience: how long one waits for it [s].
    """

    def __init__(self, memory: int = MEMORY, patience: float = PATIENCE) -> None:
        self.memory, self.patience = memory, patience
        self._free = memory
        self._waiting: list[object] = []
        self._changed = threading.Condition()

    def take(self, size: int) -> bool:
        """Whether `size` bytes were given; more than there is counts as all of it."""
        size, mine, end = min(size, self.memory), object(), time.monotonic() + self.patience
        with self._changed:
            self._waiting.append(mine)
            try:
                while self._waiting[0] is not mine or self._free < size:
                    if not self._changed.wait(end - time.monotonic()):
                        return False
                self._free -= size
                return True
            finally:
                self._waiting.remove(mine)
                self._changed.notify_all()

    def give_back(self, size: int) -> None:
        """Return what was given."""
        with self._changed:
            self._free += min(size, self.memory)
            self._changed.notify_all()


def install(server: Flask) -> None:
    """Refuse JSON that is too long, and give back what a request took."""
    bodies = server.extensions[_NAME] = Bodies()

    @server.before_request
    def check() -> Response | None:
        length = request.content_length or 0
        if length <= JSON_LIMIT or not request.is_json:
            return None
        return refusal(
            413,
            f"{length / 2**20:.0f} MB of JSON were sent; at most {JSON_LIMIT // 2**20} MB are "
            "read. Open a large circuit as a .safetensors file.",
        )

    @server.teardown_request
    def give_back(_error: BaseException | None) -> None:
        if taken := g.pop("body_memory", 0):
            bodies.give_back(taken)


def admit() -> bool:
    """Whether this request's JSON may be read now; waits for its memory when it is large."""
    length = request.content_length or 0
    if length <= SMALL or g.get("body_memory"):
        return True
    if not current_app.extensions[_NAME].take(UNPACKED * length):
        return False
    g.body_memory = UNPACKED * length
    return True
