"""The inside of networks with collisions: their particles, books, neurons, and a gas by itself."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from .. import serialize
from ..service.portraits import gas
from .base import Arrays, Header, Inside, view


@view("particles")
class Particles(Inside):
    """Particles of every layer as a film: velocities, candidate pairs, collisions, drift.

    Of layer k ``place_k`` (E, n, 4), ``motion_k`` (E, R + 1, n, 2), ``pairs_k`` (E, R, P, 4) and
    ``draws_k`` (M, n, 2), see ``backend.models.kitinet.portrait``; the header has the ``layers``
    and the ``rule``.
    """

    title: ClassVar[str] = "Particles"
    axes: ClassVar[Mapping[str, int]] = {"place_0": 3, "motion_0": 4}

    def container(self, arrays: Arrays, header: Header) -> bytes:
        """All that belongs to particles, with the books of their layers."""
        kinds = ("place_", "motion_", "pairs_", "ledger")
        return serialize.encode(header, {n: v for n, v in arrays.items() if n.startswith(kinds)})


@view("books")
class Books(Inside):
    """Momentum and energy from layer to layer; training passes beside the one of evaluation."""

    title: ClassVar[str] = "Books"
    axes: ClassVar[Mapping[str, int]] = {"ledger": 3, "mean_error": 1, "outputs": 2}
    part_of: ClassVar[str] = "particles"

    def container(self, arrays: Arrays, header: Header) -> bytes:
        """The books, the answers, and where particles went."""
        kinds = ("ledger", "mean_error", "outputs", "draws_", "place_", "motion_")
        return serialize.encode(header, {n: v for n, v in arrays.items() if n.startswith(kinds)})


@view("gas")
class Gas(Inside):
    """A gas by itself, which needs no training: it relaxes, a pair collides, few or many meet."""

    title: ClassVar[str] = "Gas"
    axes: ClassVar[Mapping[str, int]] = {"ledger": 3}
    part_of: ClassVar[str] = "particles"

    def container(self, arrays: Arrays, header: Header) -> bytes:
        """What ``backend.models.kitinet.gas_lab`` finds, with the run's c."""
        del arrays
        coll = header.get("coll")
        known = coll if isinstance(coll, int | float) and 0 <= coll <= 1 else 1.0
        return serialize.encode({**header, "coll": known}, gas(float(known)))


@view("condensation")
class Condensation(Inside):
    """How much the neurons of a weight agree: |cos| of each two now, figures over the epochs."""

    title: ClassVar[str] = "Condensation"
    axes: ClassVar[Mapping[str, int]] = {"condensation": 2, "cosines": 3}
    part_of: ClassVar[str] = "particles"
    history: ClassVar[tuple[str, ...]] = ("condensation",)

    def container(self, arrays: Arrays, header: Header) -> bytes:
        """|cos| from 0 to 1 as ``similar``, and the figures."""
        told = ("condensation", "all_condensation", "epochs")
        sent = {name: arrays[name] for name in told if name in arrays}
        cosines = np.asarray(arrays["cosines"], np.float32) / 255
        return serialize.encode(header, {**sent, "similar": cosines})
