"""Which device a behavioural current is: the laws' own SPICE forms, read backwards.

Every law writes its current as fixed text with numbers in it, each number an affine function of
the law's parameters. Reading compares the text, solves for the parameters, and asks the law to
write them again. A new law is read without any change here.
"""

import re
from collections.abc import Mapping

from ..devices import DEVICES, DeviceLaw
from ..errors import CircuitError
from .spice import voltage

# A sign belongs to a number only after an operator or an opening bracket.
# No digit can be matched in two ways: long numbers are read in linear time.
NUMBER = re.compile(r"(?:(?<=[-+*/(,])[+-]|^[+-])?(?<![\w.)])(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?")
CLOSE = 1e-9


SENSED = re.compile(r"v\(([^()\s]+)\)")


def device_of(expression: str, source: str, target: str) -> tuple[str, str, dict[str, float]]:
    """Kind, source and parameters of the device whose current the expression is.

    A one-sided device hangs between ground and its target; its source stands in the expression.

    Args:
        expression: such as ``1.0*tanh(0.5*V(n1)+-0.5*V(n2)+0.1)``.
        source: the card's first node.
        target: the card's second node.

    Raises:
        CircuitError: no law writes such an expression.
    """
    given = re.sub(r"\s+", "", expression).lower()
    sensed = _sensed(given, source, target)
    # The law with the fewest parameters says most about the device.
    for kind, law in sorted(DEVICES.items(), key=lambda item: len(item[1].params)):
        begin = sensed if law.one_sided else source
        if begin is None:
            continue
        names = [voltage(_spice_name(node)) for node in (begin, target)]
        params = _solve(law, names, *_split(given, names))
        if params is not None:
            return kind, begin, params
    raise CircuitError(
        f"no device kind has the current '{expression[:60]}'; see an exported netlist for the forms"
    )


def _spice_name(node: str) -> str:
    return "0" if node.lower() == "gnd" else node.lower()


def _sensed(given: str, source: str, target: str) -> str | None:
    """The one node that the current of a source at ground follows; ground where it is none."""
    if _spice_name(source) != "0":
        return None
    others = sorted(set(SENSED.findall(given)) - {_spice_name(target)})
    return None if len(others) > 1 else others[0] if others else source


def _solve(
    law: type[DeviceLaw], names: list[str], text: str, numbers: list[float]
) -> dict[str, float] | None:
    """The parameters with which the law writes these numbers, if it can."""
    zero = {param.name: 0.0 for param in law.params}
    pattern, base = _written(law, names, zero)
    if pattern != text or len(base) != len(numbers):
        return None
    params: dict[str, float] = {}
    for name in zero:
        _, unit = _written(law, names, {**zero, name: 1.0})
        places = [k for k, (one, none) in enumerate(zip(unit, base, strict=True)) if one != none]
        if not places:
            return None
        place = places[0]
        params[name] = (numbers[place] - base[place]) / (unit[place] - base[place])
    _, again = _written(law, names, params)
    same = all(
        abs(ours - given) <= CLOSE * max(abs(ours), abs(given))
        for ours, given in zip(again, numbers, strict=True)
    )
    return params if same else None


def _written(
    law: type[DeviceLaw], names: list[str], params: Mapping[str, float]
) -> tuple[str, list[float]]:
    return _split(law.spice(names[0], names[1], params).lower(), names)


def _split(text: str, names: list[str]) -> tuple[str, list[float]]:
    """The text with ``#`` for every number, and the numbers; node names are no numbers."""
    for mark, name in zip("st", names, strict=True):
        if name != "0":
            text = text.replace(name, f"${mark}")
    return NUMBER.sub("#", text), [float(number) for number in NUMBER.findall(text)]
