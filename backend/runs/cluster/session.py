"""The connection of a process to a Ray cluster."""

import contextlib
import logging
import os
import signal
import warnings
from collections.abc import Generator
from typing import Any

NAMESPACE = "kirchhoff-studio"
"""Of our actors' names in a cluster that others use too."""

QUIET = {"RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
"""No notice in a run's log of how Ray will treat GPUs some day."""


def connect(address: str) -> None:
    """Be a driver of the cluster at an address until this process ends or ``leave`` is called.

    This machine must be a node of the cluster.

    Raises:
        Exception: whatever Ray raises.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    import ray

    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    with warnings.catch_warnings():
        # Ray's own use of the standard library is no concern of a run's log.
        warnings.simplefilter("ignore")
        ray.init(address=address, namespace=NAMESPACE, log_to_driver=False,
                 logging_level=logging.ERROR, configure_logging=False)  # fmt: skip
    for number, handler in handlers.items():
        signal.signal(number, handler)


def leave() -> None:
    """End the connection."""
    import ray

    ray.shutdown()


@contextlib.contextmanager
def connected(address: str) -> Generator[None]:
    """A driver of the cluster for as long as this lasts; see ``connect``."""
    connect(address)
    try:
        yield
    finally:
        leave()


def places(spec_threads: int, device: str) -> dict[str, Any]:
    """What a worker takes of a node: cores for its threads, and a GPU where it trains on one."""
    return {"num_cpus": spec_threads, "num_gpus": 1 if device.startswith("cuda") else 0}


def words(error: BaseException) -> str:
    """The first line of an error that says something; of one on another node, its cause."""
    error = getattr(error, "cause", None) or error
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:200]
