"""An expression as a list of steps that a kernel interprets.

Step k writes register k from registers before it. There are no jumps: both branches of a choice
are computed, and one of them is taken. The last register is the value.
"""

from dataclasses import dataclass

import numpy as np

from ..errors import CircuitError
from .formula import Call, Formula, Name, Number, Voltage, size_of

UNARY = (
    "neg", "abs", "sgn", "u", "uramp", "floor", "ceil", "int", "nint", "sqrt", "exp", "ln", "log10",
    "log2", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh",
    "atanh", "square", "!", "buf", "inv",
)  # fmt: skip
BINARY = (
    "+", "-", "*", "/", "max", "min", "<", ">", "<=", ">=", "==", "!=", "&&", "||", "**", "pwr",
    "pwrs", "atan2", "hypot",
)  # fmt: skip
OPERATIONS = ("number", "voltage", "param", *UNARY, *BINARY, "if", "table")
"""What a step may be; its code is its place."""

CODES = {name: code for code, name in enumerate(OPERATIONS)}
MOST_STEPS = 5000
CHAINED = {"+", "*", "max", "min"}

TIME = Name("time")

Step = tuple[int, int, int, int]
"""Code and up to three operands: registers, places among inputs or numbers, or a count."""


@dataclass(frozen=True)
class Program:
    """The steps of one expression.

    Args:
        voltages: what a ``voltage`` step reads, by its operand.
        params: what a ``param`` step reads, by its operand.
        timed: whether time is read; it stands behind the voltages.
        steps: in order.
        numbers: constants, and the points of tables.
    """

    voltages: tuple[str, ...]
    params: tuple[str, ...]
    timed: bool
    steps: tuple[Step, ...]
    numbers: tuple[float, ...]


def compiled(formula: Formula) -> Program:
    """The program of an expression of voltages, names and time.

    Raises:
        CircuitError: it has too many parts, or a current.
    """
    if size_of(formula) > MOST_STEPS:
        raise CircuitError(f"the expression has more than {MOST_STEPS:,} parts")
    work = _Compiler()
    work.register(formula)
    voltages = tuple(work.voltages)
    steps = tuple(
        (code, len(voltages), 0, 0) if (code, one) == (CODES["voltage"], -1) else (code, one, *rest)
        for code, one, *rest in work.steps
    )
    return Program(voltages, tuple(work.params), work.timed, steps, tuple(work.numbers))  # type: ignore[arg-type]


class _Compiler:
    """Registers by what they hold, so that nothing is computed twice."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.known: dict[Step, int] = {}
        self.voltages: list[str] = []
        self.params: list[str] = []
        self.numbers: list[float] = []
        self.timed = False

    def step(self, name: str, one: int, two: int = 0, three: int = 0) -> int:
        made = CODES[name], one, two, three
        if made not in self.known:
            self.known[made] = len(self.steps)
            self.steps.append(made)
        return self.known[made]

    def register(self, formula: Formula) -> int:
        """The register that holds an expression."""
        match formula:
            case Number(value):
                return self.step("number", _place(self.numbers, value))
            case Voltage(name):
                return self.step("voltage", _place(self.voltages, name))
            case Name("time"):
                self.timed = True
                return self.step("voltage", -1)
            case Name(text):
                return self.step("param", _place(self.params, text))
            case Call(function, arguments):
                return self.call(function, arguments)
        raise CircuitError("the expression follows a current, which is not sensed here")

    def call(self, name: str, arguments: tuple[Formula, ...]) -> int:
        if name == "table":
            return self.table(*arguments)
        found = [self.register(one) for one in arguments]
        if name == "limit":
            x, one, two = found
            low, high = self.step("min", one, two), self.step("max", one, two)
            return self.step("min", self.step("max", x, low), high)
        if name in CHAINED:
            total = found[0]
            for one in found[1:]:
                total = self.step(name, total, one)
            return total
        return self.step(name, *found)

    def table(self, x: Formula, *points: Formula) -> int:
        values = [one.value for one in points if isinstance(one, Number)]
        if len(values) < len(points) or len(values) % 2:
            raise CircuitError("a table needs pairs of numbers")
        if any(after <= before for before, after in zip(values[::2], values[2::2], strict=False)):
            raise CircuitError("a table needs points that ascend")
        start = len(self.numbers)
        self.numbers += values
        return self.step("table", self.register(x), start, len(values) // 2)


def _place(known: list, value: float | str) -> int:
    if value not in known:
        known.append(value)
    return known.index(value)


def packed(program: Program) -> np.ndarray:
    """A program as the kernels take it, whole numbers in one row.

    How many steps and constants there are, the steps, and the bits of the constants.
    """
    bits = np.array(program.numbers, float).view(np.int64)
    steps = np.array(program.steps, np.int64).ravel()
    return np.concatenate([np.array([len(program.steps), len(bits)], np.int64), steps, bits])
