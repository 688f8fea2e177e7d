"""The pickled batches of CIFAR-10, read without running what a pickle may ask for."""

import pickle
from typing import Any, BinaryIO

import numpy as np

from ...errors import StudioError

PIXELS = 3 * 32 * 32


class _Unpickler(pickle.Unpickler):
    """Builds numbers, texts, lists, dictionaries and numpy arrays of numbers, nothing else."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        allowed = {
            ("multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
            ("numpy", "ndarray"): np.ndarray,
            ("numpy", "dtype"): np.dtype,
            ("_codecs", "encode"): _encoded,
        }
        place = module_name
        if module_name in ("numpy.core.multiarray", "numpy._core.multiarray"):
            place = "multiarray"
        if (place, global_name) not in allowed:
            raise pickle.UnpicklingError(f"it asks for {module_name}.{global_name}")
        return allowed[place, global_name]


def _encoded(text: str, codec: str) -> bytes:
    """How Python 3 writes bytes into an old pickle."""
    if codec != "latin1":
        raise pickle.UnpicklingError(f"it asks for the codec {codec}")
    return text.encode("latin1")


def read_batch(file: BinaryIO, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Images and classes of one published batch.

    Args:
        file: a pickle of a dictionary with ``data`` (n, 3072), uint8, and ``labels`` (n).
        name: what it is called in messages.

    Raises:
        StudioError: anything else, also a pickle that would run code.
    """
    try:
        found = _Unpickler(file, encoding="bytes").load()
        batch = {k.decode() if isinstance(k, bytes) else k: v for k, v in found.items()}
        x, y = batch["data"], np.array(batch["labels"])
        sound = x.dtype == np.uint8 and x.shape == (len(y), PIXELS) and y.dtype.kind == "i"
        if not sound or y.min(initial=0) < 0 or y.max(initial=0) > 9:
            raise ValueError("it does not hold images of 3 x 32 x 32 and their classes")
    # A damaged pickle can raise nearly anything.
    except Exception as error:
        raise StudioError(
            f"{name}: this is no batch of CIFAR-10 ({error}); fetch it again"
        ) from None
    return x, y
