"""Powers that simulators read differently: ngspice takes every base without its sign.

To ngspice (-2)**3 is 8 and pwr(-2,3) is -8; to LTspice they are -8 and 8.
"""

from collections import Counter

from .formula import Call, Formula, Name, Number, parts_of

POSITIVE = {
    "abs", "square", "exp", "sqrt", "cosh", "u", "uramp", "hypot", "acos", "pwr", "buf", "inv",
    "!", "&&", "||", "<", ">", "<=", ">=", "==", "!=",
}  # fmt: skip


def never_negative(formula: Formula) -> bool:
    """Whether an expression is 0 or more by its form."""
    match formula:
        case Number(value):
            return value >= 0
        case Name("time"):
            return True
        case Call("*", arguments):
            counts = Counter(arguments)
            return all(count % 2 == 0 or never_negative(one) for one, count in counts.items())
        case Call("+" | "/" | "min", arguments):
            return all(never_negative(one) for one in arguments)
        case Call("max", arguments):
            return any(never_negative(one) for one in arguments)
        case Call("limit" | "if", (_, one, other)):
            return never_negative(one) and never_negative(other)
        case Call("**", (base, exponent)):
            return _even(exponent) or never_negative(base)
        case Call(function):
            return function in POSITIVE
    return False


def _even(exponent: Formula) -> bool:
    return isinstance(exponent, Number) and exponent.value % 2 == 0


def _whole(exponent: Formula) -> bool:
    return isinstance(exponent, Number) and exponent.value == round(exponent.value)


def ambiguous(formula: Formula, ltspice: bool) -> Formula | None:
    """The first power that another simulator than the netlist's own may read differently.

    Args:
        formula: the expression.
        ltspice: whether the netlist is known to be LTspice's.
    """
    for part in parts_of(formula):
        if not isinstance(part, Call) or part.function not in {"**", "pwr", "pwrs"}:
            continue
        base, exponent = part.arguments
        if never_negative(base) or part.function == "pwrs":
            continue
        known = ltspice and (part.function == "pwr" or _whole(exponent))
        if known or (part.function == "**" and (_even(exponent) or exponent == Number(1.0))):
            continue
        return part
    return None
