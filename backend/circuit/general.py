"""What makes a circuit one of the general class, and what such a circuit must obey."""

from typing import TYPE_CHECKING

from ..devices import ELEMENTS, kind_of
from ..errors import CircuitError, clipped, quoted
from ..registry import nearest

if TYPE_CHECKING:
    from .description import Circuit, Device

MOST = 3


def reasons(circuit: "Circuit") -> tuple[str, ...]:
    """Why the circuit is of the general class, at most three of the reasons; empty if it is not."""
    found: list[str] = []
    for node in circuit.nodes:
        if node.drive is None and node.capacitance == 0.0:
            found.append(f"a node without a capacitor, '{clipped(node.id)}'")
            break
    kinds: set[str] = set()
    for part in circuit.slices:
        if isinstance(part.devices, tuple):
            for device in part.devices:
                if device.kind in kinds or len(found) == MOST:
                    continue
                if device.kind in ELEMENTS:
                    title = ELEMENTS[device.kind].title.lower()
                    found.append(f"a {title}, '{clipped(device.id)}'".replace("a ind", "an ind"))
                elif device.drive is not None:
                    found.append(f"a waveform at the source '{clipped(device.id)}'")
                else:
                    continue
                kinds.add(device.kind)
    if circuit.start != "voltages":
        found.append("a start at the operating point")
    return tuple(found)


def check_general(circuit: "Circuit") -> None:
    """Refuse what the general class cannot hold.

    Raises:
        CircuitError: names the place, what was found and what to do.
    """
    if not circuit.general:
        return
    if len(circuit.slices) > 1:
        raise CircuitError(
            f"the circuit has {circuit.general[0]} and {len(circuit.slices)} slices; such circuits "
            "have one slice, so join them or leave that part out",
            ("slices",),
        )
    devices = {device.id: device for device in circuit.devices}
    for place, device in enumerate(circuit.devices):
        if kind_of(device.kind).controlled:
            _check_control(device, devices, place)


def _check_control(device: "Device", devices: "dict[str, Device]", place: int) -> None:
    name = device.terminals["control"]
    where = ("slices", 0, "devices", place, "terminals", "control")
    if name not in devices:
        raise CircuitError(
            f"device '{clipped(device.id)}' is controlled by the current of {quoted(name)}, which "
            f"does not exist; {nearest(name, list(devices))}",
            where,
        )
    kind = devices[name].kind
    if kind not in ELEMENTS or not ELEMENTS[kind].measured:
        raise CircuitError(
            f"device '{clipped(device.id)}' is controlled by the current of '{clipped(name)}', a "
            f"{kind}; a voltage source in series with it (0 V) measures its current",
            where,
        )


def one_slice(circuit: "Circuit", what: str) -> None:
    """Refuse a circuit of several slices.

    Raises:
        CircuitError: says what ``what`` belongs to.
    """
    if len(circuit.slices) > 1:
        raise CircuitError(
            f"{what} a circuit of one slice, and this one has {len(circuit.slices)}", ("slices",)
        )


def refuse_general(circuit: "Circuit", what: str) -> None:
    """Refuse a circuit of the general class where only the fast one goes.

    Args:
        circuit: of either class.
        what: cannot be done with it, as a sentence begins: ``trainings know``.

    Raises:
        CircuitError: says what the circuit has.
    """
    if circuit.general:
        raise CircuitError(
            f"the circuit has {circuit.general[0]}; {what} only circuits with a capacitor or a "
            "source to ground at every node and devices between two nodes"
        )
