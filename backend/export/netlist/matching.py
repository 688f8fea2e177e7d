"""Which devices a behavioural current is: by what it computes, however it is spelled.

An expression that is affine in the voltages is resistors, transconductors and a current source.
For any other, the arguments of its functions say where it bends and how steeply. Samples there
give the parameters of a law by least squares, and other samples must agree to 1e-12.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...circuit import GROUND
from ...devices import DEVICES, DeviceLaw, FusedLaw
from ...devices.activation import Activation
from ...devices.passive import THERMAL_VOLTAGE, Diode
from ...errors import CircuitError, NoMatchError, clipped
from ...expressions.affine import Affine, affine
from ...expressions.formula import (
    Call,
    Current,
    Formula,
    Name,
    Voltage,
    ends,
    evaluate,
    parts_of,
    written,
)

CLOSE = 1e-12
"""Of the largest current: by so much a law may differ at samples that it was not fitted to."""

DIGITS = 12
"""Digits to which a fitted parameter is rounded where the law then still agrees."""

SCALES = (1.0, 2.0, 0.5, -1.0, -2.0, -0.5)
"""Arguments of the same function in other spellings: a sigmoid is a tanh of half of it."""

GRID = np.array([0.03, 0.1, 0.3, 0.7, 1.1, 1.7, 2.5, 4.0, 6.0, 8.0])
MAX_ARGUMENTS = 6
MAX_TERMS = 20

Array = np.ndarray


@dataclass(frozen=True)
class Found:
    """A device without a name: kind, source, target, parameters."""

    kind: str
    source: str
    target: str
    params: dict[str, float]


def devices_of(formula: Formula, plus: str, minus: str, shown: str = "") -> list[Found]:
    """The devices whose currents add up to an expression, from one node to another.

    Args:
        formula: the current [A].
        plus: node that it leaves.
        minus: node that it enters.
        shown: the expression as it was written, for messages.

    Raises:
        NoMatchError: no devices of ours carry it.
        CircuitError: it passes no current.
    """
    _check_ends(formula)
    terms = formula.arguments if isinstance(formula, Call) and formula.function == "+" else ()
    straight = affine(formula)
    if straight is not None:
        return linear(straight, plus, minus)
    whole = _matched(formula, plus, minus)
    if whole is not None:
        return [whole]
    found: list[Found] = []
    if 1 < len(terms) <= MAX_TERMS:
        for term in terms:
            straight = affine(term)
            one = None if straight else _matched(term, plus, minus)
            found += linear(straight, plus, minus) if straight else [one] if one else []
            if straight is None and one is None:
                break
        else:
            return found
    raise NoMatchError(
        f"no device kind has the current '{clipped(shown or written(formula), 60)}'; the kinds are "
        f"{', '.join(DEVICES.names())}"
    )


def _check_ends(formula: Formula) -> None:
    for end in ends(formula):
        if end == Name("time"):
            raise NoMatchError(
                "the expression follows time itself; give the course as PULSE, SIN, EXP or PWL"
            )
        if isinstance(end, Current):
            raise NoMatchError(
                f"the expression follows the current '{clipped(written(end), 40)}', which no "
                "device kind senses here"
            )


def linear(straight: Affine, plus: str, minus: str) -> list[Found]:
    """Devices that carry a weighted sum of voltages and a constant.

    Raises:
        CircuitError: they carry nothing, or both nodes are one.
    """
    found: list[Found] = []
    weights = {end.node: w for end, w in straight.weights.items() if isinstance(end, Voltage) and w}
    own = [weights.get(plus), weights.get(minus)]
    across = own[0] if plus != GROUND else -(own[1] or 0.0)
    others = GROUND in (plus, minus) or own[0] == -(own[1] or 0.0)
    if across and others and set(weights) <= {plus, minus}:
        found.append(Found("resistor", plus, minus, {"conductance": across}))
    else:
        for node, gain in weights.items():
            found += shares(plus, minus, node, GROUND, gain)
    if straight.constant:
        found.append(Found("current_source", plus, minus, {"current": straight.constant}))
    if not found or plus == minus:
        raise CircuitError("it passes no current; leave it out")
    return found


def shares(plus: str, minus: str, above: str, below: str, gain: float) -> list[Found]:
    """gain (v_above - v_below) from one node to another: a device for each end and sensed node."""
    if plus == below == GROUND and above != minus:
        return [Found("transconductor", above, minus, {"gain": gain})]
    if (plus, minus) == (above, below):
        return [Found("resistor", plus, minus, {"conductance": gain})]
    found = []
    for target, sign in ((minus, 1.0), (plus, -1.0)):
        for source, share in ((above, sign * gain), (below, -sign * gain)):
            if target == source != GROUND:
                found.append(Found("resistor", target, GROUND, {"conductance": -share}))
            elif GROUND not in (target, source):
                found.append(Found("transconductor", source, target, {"gain": share}))
    return found


@dataclass(frozen=True)
class _Samples:
    """Voltages at the two ends, and the current there."""

    v: dict[str, Array]
    i: Array


def _matched(formula: Formula, plus: str, minus: str) -> Found | None:
    """The one device with this current."""
    nodes = {end.node for end in ends(formula) if isinstance(end, Voltage)}
    if not nodes <= {plus, minus} or plus == minus:
        return None
    arguments = _arguments(formula)[:MAX_ARGUMENTS]
    if not arguments:
        return None
    rng = np.random.default_rng(0)
    fitted, checked = (_sampled(formula, arguments, nodes, rng) for _ in range(2))
    if not np.any(fitted.i):
        return None
    fits = list(_fits(arguments, fitted))
    found: list[Found] = []
    for ends_, sign in (((plus, minus), 1.0), ((minus, plus), -1.0)):
        for kind, law in DEVICES.items():
            if not law.one_sided:
                for start in _starts(law, fits, arguments, ends_, sign, fitted):
                    params = _rounded(law, start, ends_, sign, checked)
                    if params is not None:
                        found.append(Found(kind, *ends_, params))
                        break
    # The law with the fewest parameters says most about the device.
    return min(found, key=lambda one: len(one.params), default=None)


@dataclass(frozen=True)
class _Fit:
    """gain phi(u) with u a weighted sum: what the current is, whatever law says it."""

    activation: Activation
    gain: float
    weights: dict[Formula, float]
    constant: float


def _fits(arguments: list[Affine], samples: _Samples) -> Iterator[_Fit]:
    """The activations, of arguments in some scale, that the current is a multiple of."""
    import torch

    laws = [law for _, law in DEVICES.items() if issubclass(law, FusedLaw)]
    activations = {law.activation.name: law.activation for law in laws}
    largest = np.abs(samples.i).max()
    for one in arguments:
        u = one.constant + sum(
            w * samples.v[end.node] for end, w in one.weights.items() if isinstance(end, Voltage)
        )
        for scale in SCALES:
            at = torch.as_tensor(scale * np.asarray(u))
            for activation in activations.values():
                phi = activation.value(at).numpy()
                size = float(phi @ phi)
                gain = float(phi @ samples.i) / size if size else 0.0
                if gain and np.abs(gain * phi - samples.i).max() <= 1e-8 * largest:
                    weights = {end: scale * w for end, w in one.weights.items()}
                    yield _Fit(activation, gain, weights, scale * one.constant)


def _arguments(formula: Formula) -> list[Affine]:
    """What functions other than sums and products are functions of, where it is affine."""
    found: list[Affine] = []
    for part in parts_of(formula):
        if not isinstance(part, Call) or part.function in {"+", "*", "neg"} or affine(part):
            continue
        inner = part.arguments
        if part.function in {"max", "min", "<", ">", "<=", ">=", "==", "!="}:
            inner = (inner[0] - inner[1],)
        for one in inner:
            straight = affine(one)
            if straight is not None and any(straight.weights.values()):
                found.append(straight)
    return found


def _sampled(
    formula: Formula, arguments: list[Affine], nodes: set[str], rng: np.random.Generator
) -> _Samples:
    """The current where the arguments are between -8 and 8, and at any other voltage across."""
    rows: list[Array] = []
    names = sorted(nodes)
    for one in arguments:
        w = np.array([one.weights.get(Voltage(name), 0.0) for name in names])
        u = np.concatenate([-GRID, GRID]) * rng.uniform(0.8, 1.2, 2 * len(GRID))
        along = (u - one.constant)[:, None] * w / (w @ w)
        # Neither a unit nor a size of voltages is known but those of the argument itself.
        reach = max(1.0, float(np.abs(along).max()))
        free = rng.normal(size=along.shape) * reach
        rows.append(along + free - (free @ w)[:, None] * w / (w @ w))
    points = np.concatenate(rows)
    v = {name: points[:, k] for k, name in enumerate(names)}
    current = evaluate(formula, {Voltage(name): column for name, column in v.items()})
    current = np.broadcast_to(np.asarray(current, float), len(points))
    keep = np.isfinite(current)
    return _Samples({name: column[keep] for name, column in v.items()}, current[keep])


def _starts(
    law: type[DeviceLaw], fits: list[_Fit], arguments: list[Affine], ends_: tuple[str, str],
    sign: float, samples: _Samples,
) -> Iterator[dict[str, float]]:  # fmt: skip
    """Parameters with which the law may have this current."""
    if issubclass(law, FusedLaw):
        for fit in fits:
            if fit.activation is law.activation:
                params = _slots(law, _homogeneous(law, _terms(fit, ends_, sign)))
                if params is not None:
                    yield params
    elif law is Diode:
        for one in arguments:
            a, b = (one.weights.get(Voltage(node), 0.0) for node in ends_)
            across = a if ends_[0] != GROUND else -b
            if across > 0 and not one.constant:
                yield _diode(across, ends_, sign, samples)


def _terms(fit: _Fit, ends_: tuple[str, str], sign: float) -> dict[str, float]:
    """gain, a, b and c of the law's family."""
    a, b = (fit.weights.get(Voltage(node), 0.0) for node in ends_)
    # A node at ground is sensed as 0 V: its weight may be any, and that of a difference is taken.
    if ends_[0] == GROUND:
        a = -b
    elif ends_[1] == GROUND:
        b = -a
    return {"gain": sign * fit.gain, "a": a, "b": b, "c": fit.constant}


def _homogeneous(law: type[FusedLaw], terms: dict[str, float]) -> dict[str, float]:
    """The same where phi(x u) = x phi(u), x > 0, with what the law holds fixed at its value."""
    import torch

    u = torch.tensor([-1.3, 0.7], dtype=torch.float64)
    phi = law.activation.value
    if not torch.allclose(phi(3 * u), 3 * phi(u), rtol=1e-14):
        return terms
    slots = {slot for entries in law.slots.values() for slot in entries}
    if "gain" not in slots:
        factor = terms["gain"] / law.constant.get("gain", 1.0)
    elif "a" not in slots and law.constant.get("a"):
        factor = law.constant["a"] / terms["a"] if terms["a"] else 0.0
    else:
        return terms
    if not factor > 0:
        return terms
    scaled = {slot: factor * terms[slot] for slot in ("a", "b", "c")}
    return {"gain": terms["gain"] / factor, **scaled}


def _slots(law: type[FusedLaw], terms: dict[str, float]) -> dict[str, float] | None:
    """The law's own parameters that give these terms."""
    order = ("gain", "a", "b", "c")
    names = [param.name for param in law.params]
    matrix = np.array([[law.slots[name].get(slot, 0.0) for name in names] for slot in order])
    rest = np.array([terms[slot] - law.constant.get(slot, 0.0) for slot in order])
    solution, *_ = np.linalg.lstsq(matrix, rest, rcond=None)
    miss = np.abs(matrix @ solution - rest)
    if (miss > 1e-8 * (np.abs(rest) + 1e-300) + 1e-12 * max(1.0, np.abs(rest).max())).any():
        return None
    return dict(zip(names, solution.tolist(), strict=True))


def _diode(
    across: float, ends_: tuple[str, str], sign: float, samples: _Samples
) -> dict[str, float]:
    """Saturation current by least squares from the exponent's slope [1/V]."""
    v = samples.v.get(ends_[0], 0.0) - samples.v.get(ends_[1], 0.0)
    with np.errstate(all="ignore"):
        curve = np.expm1(across * np.asarray(v))
        size = float(curve @ curve)
        fit = float(curve @ samples.i) / size if size and np.isfinite(size) else 0.0
    return {"saturation_current": sign * fit, "ideality": 1 / (across * THERMAL_VOLTAGE)}


def _rounded(
    law: type[DeviceLaw], params: dict[str, float], ends_: tuple[str, str], sign: float,
    samples: _Samples,
) -> dict[str, float] | None:  # fmt: skip
    """The parameters, rounded where they may be; None where the law has another current."""
    short = {name: float(f"{value:.{DIGITS}g}") + 0.0 for name, value in params.items()}
    for given in (short, params):
        if _agrees(law, given, ends_, sign, samples):
            return given
    return None


def _agrees(
    law: type[DeviceLaw], params: dict[str, float], ends_: tuple[str, str], sign: float,
    samples: _Samples,
) -> bool:  # fmt: skip
    import torch

    try:
        for param in law.params:
            param.check(params[param.name])
    except ValueError:
        return False
    zero = torch.zeros(len(samples.i), dtype=torch.float64)
    v_s, v_d = (
        torch.as_tensor(samples.v[name].copy()) if name in samples.v else zero for name in ends_
    )
    p = {name: torch.tensor(value, dtype=torch.float64) for name, value in params.items()}
    found = law.current(v_s, v_d, p).numpy()
    return bool(np.abs(sign * found - samples.i).max() <= CLOSE * np.abs(samples.i).max())
