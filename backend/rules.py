"""What nodes and devices must obey to make a circuit; every breach is named with its place."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from .checks import a_number, a_text, an_identifier
from .devices import DEVICES
from .errors import CircuitError, Place, clipped, quoted
from .params import check_params
from .registry import nearest

if TYPE_CHECKING:
    from .circuit import Device, Node

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


def check_nodes(nodes: tuple["Node", ...]) -> None:
    """Ids, voltages, capacitances and roles of all nodes.

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
        if a_number(node.capacitance, (*where, "capacitance")) <= 0:
            raise CircuitError(
                f"the capacitance of node '{clipped(node.id)}' must be positive, "
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
    if device.kind not in DEVICES:
        raise CircuitError(
            f"unknown kind {quoted(device.kind)}: {nearest(device.kind, DEVICES.names())}",
            (*where, "kind"),
        )
    for end in ("source", "target"):
        name = a_text(getattr(device, end), (*where, end))
        if name != GROUND and name not in known:
            raise CircuitError(
                f"device '{shown_id}' names the node {quoted(name)}, which does not exist; "
                "add the node or correct the name",
                (*where, end),
            )
    if device.source == device.target:
        raise CircuitError(
            f"device '{shown_id}' connects '{clipped(device.source)}' with itself; "
            "source and target must differ",
            where,
        )
    if not isinstance(device.trainable, bool):
        raise CircuitError("trainable must be true or false", (*where, "trainable"))
    try:
        params = check_params(DEVICES[device.kind].params, device.params)
    except ValueError as error:
        raise CircuitError(f"device '{shown_id}': {error}", (*where, "params")) from None
    return replace(device, params=params)
