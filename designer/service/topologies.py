"""Topologies that a page offers: those that read no file of the server, whoever visits it."""

from collections.abc import Mapping
from typing import Any

from backend.errors import StudioError
from backend.params import Param, check_params
from backend.topologies import TOPOLOGIES, Topology

from .. import serialize


def offered() -> dict[str, type[Topology]]:
    """Topologies by name, without those that read files."""
    return {name: kind for name, kind in TOPOLOGIES.items() if not kind.reads_files}


def described() -> dict[str, tuple[str, str, tuple[Param, ...]]]:
    """Title, one sentence and parameters of every topology."""
    return {
        name: (shown["title"] or name, shown["doc"], tuple(topology.params))
        for name, topology in offered().items()
        for shown in [serialize.configurable(topology)]
    }


def check_offered(name: Any) -> None:
    """Refuse a topology that reads files of the server.

    Raises:
        StudioError: says what to do instead.
    """
    if name in TOPOLOGIES and TOPOLOGIES[name].reads_files:
        raise StudioError(
            f"the topology '{name}' reads files of the server; drop the file on the page, or use "
            f"kirchhoff generate {name} --set path=FILE"
        )


def chosen(name: str, params: Mapping[str, Any]) -> Topology:
    """A topology with its options.

    Raises:
        StudioError: an unknown name, a refused value, or one that reads files.
    """
    check_offered(name)
    kind = TOPOLOGIES[name]
    try:
        return kind(**check_params(kind.params, params))
    except ValueError as error:
        raise StudioError(f"{name}: {error}") from None
