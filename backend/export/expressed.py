"""The expression of a device as a simulator reads it."""

from collections.abc import Mapping

from ..circuit import Device
from ..circuit.expressed import formula_of
from ..errors import CircuitError, ExportError, clipped
from ..expressions.changes import with_numbers
from ..expressions.formula import Formula, Number, Voltage, replaced, written
from ..expressions.portable import portable


def expression_text(device: Device, nodes: Mapping[str, str]) -> str:
    """The expression with numbers for its parameters, in words that all simulators share.

    Args:
        device: with an expression.
        nodes: what a netlist calls its source, target and terminals.

    Raises:
        ExportError: it becomes too long.
    """

    def named(end: Formula) -> Formula:
        if isinstance(end, Voltage):
            return Number(0.0) if nodes[end.node] == "0" else Voltage(nodes[end.node])
        return end

    numbers = {name: float(value) for name, value in device.params.items()}
    try:
        return written(portable(replaced(with_numbers(formula_of(device), numbers), named)))
    except CircuitError as error:
        raise ExportError(f"device '{clipped(device.id)}': {error}") from None
