"""Threads for kernels, which release the interpreter lock; as many as torch is allowed."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import torch

_pool: ThreadPoolExecutor | None = None
_size = 0


def for_all(work: Callable[[int], None], count: int) -> None:
    """Call ``work(0)`` to ``work(count - 1)``, on ``torch.get_num_threads()`` threads.

    Which thread does which part never matters to a result. The first error is raised.
    """
    threads = min(torch.get_num_threads(), count)
    if threads <= 1:
        for part in range(count):
            work(part)
        return
    # A shared iterator hands out the parts; its lock is the interpreter's.
    parts = iter(range(count))

    def until_done() -> None:
        for part in parts:
            work(part)

    pool = _threads(threads - 1)
    others = [pool.submit(until_done) for _ in range(threads - 1)]
    until_done()
    for other in others:
        other.result()


def _threads(size: int) -> ThreadPoolExecutor:
    global _pool, _size
    if _pool is None or _size < size:
        _pool, _size = ThreadPoolExecutor(size, "kirchhoff-kernel"), size
    return _pool


def _forget() -> None:
    global _pool
    _pool = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)  # a fork keeps the pool but not its threads
