"""What nodes and devices must obey to make a circuit; every breach is named with its place."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ..checks import a_number, a_text, an_identifier
from ..devices import DeviceLaw, Element, kind_names, kind_of
from ..errors import CircuitError, Place, clipped, quoted
from ..params import check_params
from ..registry import nearest
from ..waveforms import Waveform
from ..waveforms.base import MAX_BREAKS, MAX_PIECES
from .expressed import checked_expression

if TYPE_CHECKING:
    from .description import Device, Node

GROUND = "gnd"
"""Name of the reserved node that stays at 0 V."""

ROLES = ("hidden", "input", "output", "both")


class TakenIds:
    """The device ids in use: names one by one, and whole ranges of ``d<number>``."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.ranges: list[range] = []

    def __contains__(self, name: str) -> bool:
        return name in self.names or (bool(self.ranges) and self._in_a_range(name))

    def _in_a_range(self, name: str) -> bool:
        digits = name[1:]
        if name[:1] != "d" or not (digits.isascii() and digits.isdecimal()) or digits[0] == "0":
            return False
        return any(int(digits) in numbers for numbers in self.ranges)

    def clash(self, ids: Collection[str], numbers: range | None) -> int | None:
        """The place of the first id that is in use already or twice among ``ids``.

        Args:
            ids: new ids in order; read only where ``numbers`` does not say enough.
            numbers: ``ids`` are ``d<number>`` of this range.
        """
        if numbers is not None and not self.names:
            shared = [max(numbers.start, other.start) for other in self.ranges if other]
            ends = [min(numbers.stop, other.stop) for other in self.ranges if other]
            found = [low for low, high in zip(shared, ends, strict=True) if low < high]
            return min(found) - numbers.start if found else None
        if not self.ranges and self.names.isdisjoint(ids) and len(set(ids)) == len(ids):
            return None
        met: set[str] = set()
        for place, name in enumerate(ids):
            if name in met or name in self:
                return place
            met.add(name)
        return None

    def add(self, ids: Iterable[str], numbers: range | None) -> None:
        """Take all ``ids``, or the range that stands for them."""
        if numbers is not None:
            self.ranges.append(numbers)
        else:
            self.names.update(ids)


def taken(name: str, where: Place) -> CircuitError:
    """The complaint about a device id that is in use."""
    return CircuitError(
        f"the id '{clipped(name)}' is already used; device ids must differ over all slices",
        (*where, "id"),
    )


def checked_nodes(nodes: tuple["Node", ...]) -> tuple["Node", ...]:
    """All nodes, with the first voltage of their drive where they are driven.

    Raises:
        CircuitError: names the node and what was found.
    """
    if not nodes:
        raise CircuitError("a circuit needs at least one node", ("nodes",))
    seen: dict[str, int] = {}
    for index, node in enumerate(nodes):
        where = ("nodes", index)
        an_identifier(node.id, (*where, "id"))
        if node.id == GROUND:
            raise CircuitError("'gnd' is ground itself; choose another id", (*where, "id"))
        if node.id in seen:
            raise CircuitError(
                f"the id '{clipped(node.id)}' is already used by nodes[{seen[node.id]}]; "
                "ids must differ",
                (*where, "id"),
            )
        seen[node.id] = index
        a_number(node.voltage, (*where, "voltage"))
        if a_number(node.capacitance, (*where, "capacitance")) < 0:
            raise CircuitError(
                f"the capacitance of node '{clipped(node.id)}' must be positive, or 0 for none, "
                f"got {node.capacitance:g} F",
                (*where, "capacitance"),
            )
        if node.role not in ROLES:
            raise CircuitError(
                f"unknown role {quoted(node.role)}: {nearest(node.role, list(ROLES))}",
                (*where, "role"),
            )
        a_text(node.label, (*where, "label"))
        a_number(node.x, (*where, "x"))
        a_number(node.y, (*where, "y"))
    return tuple(_held(node, ("nodes", index)) for index, node in enumerate(nodes))


def _held(node: "Node", where: Place) -> "Node":
    """A driven node with the voltage it is held at first; any other as it is."""
    if node.drive is None:
        return node
    if not isinstance(node.drive, Waveform):
        raise CircuitError(f"expected a waveform, got {quoted(node.drive)}", (*where, "drive"))
    if node.capacitance != 1.0:
        raise CircuitError(
            f"node '{clipped(node.id)}' is driven and has no capacitance; leave it out",
            (*where, "capacitance"),
        )
    if node.role != "hidden":
        raise CircuitError(
            f"node '{clipped(node.id)}' is driven and has the role {node.role}: its voltage is "
            "given at all times, so no data enter or leave there; choose the role hidden",
            (*where, "role"),
        )
    return replace(node, voltage=node.drive.at(0.0))


def check_drives(nodes: tuple["Node", ...], duration: float) -> None:
    """Refuse waveforms of too many pieces within the circuit's duration [s].

    Raises:
        CircuitError: names the node.
    """
    times: set[float] = set()
    total = 0
    for index, node in enumerate(nodes):
        if node.drive is not None:
            where = ("nodes", index, "drive")
            try:
                breaks = node.drive.breaks(duration)
            except CircuitError as error:
                raise CircuitError(error.message, (*where, "params", *error.where)) from None
            times.update(breaks)  # a solve begins anew at each, once for all nodes
            total += len(breaks)
            if len(times) > MAX_PIECES or total > MAX_BREAKS:
                found, most = (
                    (len(times), MAX_PIECES) if len(times) > MAX_PIECES else (total, MAX_BREAKS)
                )
                raise CircuitError(
                    f"the drives up to node '{clipped(node.id)}' bend {found:,} times within "
                    f"{duration:g} s and at most {most:,} are solved; shorten the duration",
                    where,
                )


def checked_device(
    device: "Device", where: Place, known: Collection[str], ids: TakenIds
) -> "Device":
    """The device with all parameters of its kind; its id is taken from now on.

    Args:
        device: as described.
        where: its place in the file.
        known: ids of all nodes.
        ids: device ids in use.

    Raises:
        CircuitError: names the device and what was found.
    """
    shown_id = clipped(an_identifier(device.id, (*where, "id")))
    if device.id in ids:
        raise taken(device.id, where)
    ids.names.add(device.id)
    if not isinstance(device.kind, str) or device.kind not in kind_names():
        raise CircuitError(
            f"unknown kind {quoted(device.kind)}: {nearest(device.kind, kind_names())}",
            (*where, "kind"),
        )
    kind = kind_of(device.kind)
    ends = {end: getattr(device, end) for end in ("source", "target")}
    if kind.expressed:
        device = checked_expression(device, where)
        terminals: Mapping[str, str] = device.terminals
    elif device.expression:
        raise CircuitError(
            f"device '{shown_id}' is a {device.kind}, which has no expression; leave it out",
            (*where, "expression"),
        )
    else:
        terminals = _terminals(device, kind, where)
    _check_ends(shown_id, ends, terminals, where, known)
    if device.drive is not None and not kind.waveform:
        raise CircuitError(
            f"device '{shown_id}' is a {device.kind}, which has no waveform; leave the drive out",
            (*where, "drive"),
        )
    if device.source == device.target:
        raise CircuitError(
            f"device '{shown_id}' connects '{clipped(device.source)}' with itself; "
            "source and target must differ",
            where,
        )
    if not isinstance(device.trainable, bool):
        raise CircuitError("trainable must be true or false", (*where, "trainable"))
    if kind.expressed:
        return device
    try:
        params = check_params(kind.params, device.params)
    except ValueError as error:
        raise CircuitError(f"device '{shown_id}': {error}", (*where, "params")) from None
    return replace(device, params=params, terminals=terminals)


def _check_ends(
    shown_id: str, ends: Mapping[str, str], terminals: Mapping[str, str], where: Place,
    known: Collection[str],
) -> None:  # fmt: skip
    """Refuse a device that names a node which does not exist."""
    for end, name in {**ends, **terminals}.items():
        place = (*where, end) if end in ends else (*where, "terminals", end)
        a_text(name, place)
        if end != "control" and name != GROUND and name not in known:
            raise CircuitError(
                f"device '{shown_id}' names the node {quoted(name)}, which does not exist; "
                "add the node or correct the name",
                place,
            )


def _terminals(
    device: "Device", kind: type[DeviceLaw] | type[Element], where: Place
) -> dict[str, str]:
    """The further terminals, which are those of the kind, in its order."""
    wanted = (*kind.terminals, *(("control",) if kind.controlled else ()))
    for name in device.terminals:
        if name not in wanted:
            listed = f"those are {', '.join(wanted)}" if wanted else "it has source and target only"
            raise CircuitError(
                f"a {device.kind} has no terminal {quoted(name)}; {listed}",
                (*where, "terminals", name),
            )
    for name in wanted:
        if name not in device.terminals:
            raise CircuitError(
                f"device '{clipped(device.id)}' needs the terminal '{name}'",
                (*where, "terminals"),
            )
    return {name: device.terminals[name] for name in wanted}
