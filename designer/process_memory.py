"""How the memory of a process that serves for days is looked after."""

import contextlib
import ctypes
import gc

# From malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8


def give_memory_back() -> None:
    """Let large blocks go back to the system at once, and threads share a few heaps.

    By default a freed block of 18 MB teaches malloc to keep the next ones in heaps of its threads,
    where one small block holds them for ever. Other C libraries have no such settings.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_ARENA_MAX, 4)
        mallopt(_MMAP_THRESHOLD, 2 * 2**20)
        mallopt(_TRIM_THRESHOLD, 16 * 2**20)


def collect_seldom() -> None:
    """Look for cycles rarely, and never again among what is there now.

    A look through all objects of a large circuit keeps every thread waiting for a quarter of a
    second, and circuits and JSON hold no cycles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
