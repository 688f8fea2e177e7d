"""Circuits with devices of expressions, at any impedance [Ohm], duration [s] and voltage [V]."""

from collections.abc import Callable

from backend.circuit import Circuit, Device
from backend.waveforms.sine import Sine
from tests.named_circuits import circuit, device

Built = Callable[[float, float, float], Circuit]

EXPRESSED: dict[str, Built] = {}


def named(build: Built) -> Built:
    EXPRESSED[build.__name__.replace("_", " ")] = build
    return build


def does(
    name: str, source: str, target: str, text: str, senses: str = "", **params: float
) -> Device:
    """A current by an expression; ``senses`` are nodes that are terminals of the same name."""
    terminals = {node: node for node in senses.split()}
    return Device(name, "expression", source, target, params, terminals=terminals, expression=text)


def holds(
    name: str, source: str, target: str, text: str, senses: str = "", **params: float
) -> Device:
    """A voltage by an expression."""
    terminals = {node: node for node in senses.split()}
    return Device(
        name, "expression_voltage", source, target, params, terminals=terminals, expression=text
    )


def sine(name: str, node: str, volt: float, turns: float, offset: float = 0.0) -> Device:
    wave = Sine(offset, volt, turns)
    return device(name, "voltage_source", node, "gnd", voltage=0.0, drive=wave)


def ohmic(name: str, source: str, target: str, ohm: float) -> Device:
    return device(name, "resistor", source, target, conductance=1 / ohm)


@named
def multiplier(ohm: float, span: float, volt: float) -> Circuit:
    return circuit(
        {"a": 0.0, "b": 0.0, "o": span / ohm / 10},
        [
            sine("va", "a", volt, 2 / span),
            sine("vb", "b", volt, 3 / span),
            does("m", "gnd", "o", "g*V(a)*V(b)/u", "a b", g=1 / ohm, u=volt),
            ohmic("r", "o", "gnd", ohm),
        ],
        span,
        "o",
    )  # fmt: skip


@named
def squarer(ohm: float, span: float, volt: float) -> Circuit:
    return circuit(
        {"a": 0.0, "s": 0.0, "o": span / ohm / 8},
        [
            sine("va", "a", volt, 3 / span),
            holds("s", "s", "gnd", "k*V(a)**2", "a", k=1 / volt),
            ohmic("r", "s", "o", ohm),
        ],
        span,
        "o",
    )


@named
def saturating_amplifier(ohm: float, span: float, volt: float) -> Circuit:
    return circuit(
        {"a": 0.0, "s": 0.0, "o": span / ohm / 20},
        [
            sine("va", "a", volt, 2 / span, 0.1 * volt),
            holds("s", "s", "gnd", "top*tanh(gain*V(a)/top)", "a", gain=8.0, top=2 * volt),
            ohmic("r", "s", "o", ohm),
        ],
        span,
        "o",
    )


@named
def voltage_controlled_resistor(ohm: float, span: float, volt: float) -> Circuit:
    return circuit(
        {"a": 0.0, "c": 0.0, "o": span / ohm / 10},
        [
            sine("va", "a", volt, 5 / span),
            sine("vc", "c", volt, 1 / span),
            does("r", "a", "o", "V(source,target)/(r*(1+k*V(c)**2))", "c", r=ohm, k=2 / volt**2),
        ],
        span,
        "o",
    )


@named
def van_der_pol(ohm: float, span: float, volt: float) -> Circuit:
    second = span / 12
    base = circuit(
        {"x": second / ohm},
        [
            does("n", "x", "gnd", "g*(V(source)**3/(3*u**2)-V(source))", g=1.2 / ohm, u=volt),
            device("l", "inductor", "x", "gnd", inductance=second * ohm),
        ],
        span,
        "x",
    )
    return base.with_voltages({"x": 0.3 * volt})


@named
def chua(ohm: float, span: float, volt: float) -> Circuit:
    """The double scroll, for a few turns of it: later no two solvers agree."""
    second = span / 6
    base = circuit(
        {"a": second / ohm / 9, "b": second / ohm},
        [
            ohmic("r", "a", "b", ohm),
            does(
                "n", "a", "gnd", "g1*V(source)+(g0-g1)/2*(abs(V(source)+u)-abs(V(source)-u))",
                g0=-1.14 / ohm, g1=-0.714 / ohm, u=volt,
            ),
            device("l", "inductor", "b", "gnd", inductance=second * ohm / 14.3),
        ],
        span,
        "a",
    )  # fmt: skip
    return base.with_voltages({"a": 0.1 * volt})


@named
def tunnel_diode(ohm: float, span: float, volt: float) -> Circuit:
    second = span / 8
    return circuit(
        {"s": 0.0, "d": second / ohm / 3},
        [
            device("v", "voltage_source", "s", "gnd", voltage=2.8 * volt),
            device("l", "inductor", "s", "d", inductance=second * ohm),
            does(
                "t", "d", "gnd", "i*V(source)/u*exp(1-V(source)/u)+j*(exp(V(source)/w)-1)",
                i=4 * volt / ohm, u=volt, j=1e-4 * volt / ohm, w=0.6 * volt,
            ),
        ],
        span,
        "d",
    )  # fmt: skip


@named
def sensor(ohm: float, span: float, volt: float) -> Circuit:
    """A strain gauge that swings with time."""
    return circuit(
        {"a": 0.0, "o": span / ohm / 10},
        [
            device("v", "voltage_source", "a", "gnd", voltage=volt),
            does("r", "a", "o", "g*V(source,target)*(1+k*sin(2*pi*f*time))", g=1 / ohm, k=0.5,
                 f=3 / span),
            ohmic("r0", "o", "gnd", ohm),
        ],
        span,
        "o",
    )  # fmt: skip


@named
def limiter(ohm: float, span: float, volt: float) -> Circuit:
    return circuit(
        {"a": 0.0, "s": 0.0, "o": span / ohm / 20},
        [
            sine("va", "a", volt, 2 / span),
            holds("s", "s", "gnd", "limit(3*V(a),-u,w)", "a", u=0.7 * volt, w=1.1 * volt),
            ohmic("r", "s", "o", ohm),
        ],
        span,
        "o",
    )


@named
def comparator(ohm: float, span: float, volt: float) -> Circuit:
    """Smooth, with hysteresis."""
    return circuit(
        {"a": 0.0, "s": 0.0, "o": span / ohm / 40},
        [
            sine("va", "a", volt, 2 / span),
            holds("s", "s", "gnd", "u*tanh(30*(V(a)+0.1*V(o))/u)", "a o", u=volt),
            ohmic("r", "s", "o", ohm),
        ],
        span,
        "o",
    )


@named
def ideal_rectifier(ohm: float, span: float, volt: float) -> Circuit:
    return circuit(
        {"a": 0.0, "o": span / ohm / 2},
        [
            sine("va", "a", volt, 4 / span),
            does("d", "a", "o", "V(source,target)>0 ? g*V(source,target) : 0", g=20 / ohm),
            ohmic("r", "o", "gnd", ohm),
        ],
        span,
        "o",
    )


@named
def varistor(ohm: float, span: float, volt: float) -> Circuit:
    return circuit(
        {"a": 0.0, "o": span / ohm / 30},
        [
            sine("va", "a", 2 * volt, 2 / span),
            ohmic("r", "a", "o", ohm),
            does("v", "o", "gnd", "i*pwrs(V(source)/u,5)", i=volt / ohm, u=0.8 * volt),
        ],
        span,
        "o",
    )


@named
def orifice(ohm: float, span: float, volt: float) -> Circuit:
    """A flow that is the root of a pressure."""
    return circuit(
        {"a": 0.0, "o": span / ohm / 4},
        [
            sine("va", "a", volt, 2 / span, 1.5 * volt),
            does("k", "a", "o", "V(source,target)/(r*sqrt(abs(V(source,target))/u+0.01))",
                 r=ohm, u=volt),
            ohmic("r", "o", "gnd", 3 * ohm),
        ],
        span,
        "o",
    )  # fmt: skip


@named
def logarithmic_amplifier(ohm: float, span: float, volt: float) -> Circuit:
    return circuit(
        {"a": 0.0, "s": 0.0, "o": span / ohm / 20},
        [
            sine("va", "a", volt, 2 / span, 1.2 * volt),
            holds("s", "s", "gnd", "u*ln(V(a)/u)", "a", u=volt),
            ohmic("r", "s", "o", ohm),
        ],
        span,
        "o",
    )


@named
def magnitude(ohm: float, span: float, volt: float) -> Circuit:
    """Size and angle of a turning vector that shrinks."""
    return circuit(
        {"x": span / ohm / 3, "y": span / ohm / 3, "s": 0.0, "p": 0.0, "o": span / ohm / 50},
        [
            does("sx", "gnd", "x", "u/r*sin(2*pi*f*time)", u=volt, r=ohm, f=2 / span),
            does("sy", "gnd", "y", "u/r*cos(2*pi*f*time)+u/r", u=volt, r=ohm, f=2 / span),
            holds("s", "s", "gnd", "hypot(V(x),V(y)+u)", "x y", u=0.2 * volt),
            holds("p", "p", "gnd", "u*atan2(V(x),V(y)+u)", "x y", u=0.2 * volt),
            ohmic("r1", "s", "o", ohm),
            ohmic("r2", "p", "o", ohm),
        ],
        span,
        "o",
    )


@named
def characteristic(ohm: float, span: float, volt: float) -> Circuit:
    """A measured curve, straight between its points."""
    points = ",".join(f"{x * volt!r},{y * volt / ohm!r}" for x, y in
                      ((-2, -1), (-0.5, -0.1), (0.4, 0.3), (1, 0.2), (2, 1.7)))  # fmt: skip
    return circuit(
        {"a": 0.0, "o": span / ohm / 20},
        [
            sine("va", "a", 1.8 * volt, 2 / span),
            ohmic("r", "a", "o", ohm),
            does("t", "o", "gnd", f"table(V(source),{points})"),
        ],
        span,
        "o",
    )


@named
def bursts(ohm: float, span: float, volt: float) -> Circuit:
    """Two pulses of time alone: one with edges, one like a bell."""
    return circuit(
        {"o": span / ohm / 20},
        [
            does(
                "p", "gnd", "o", "i*limit((time-0.2*s)/e,0,1)-i*limit((time-0.3*s)/e,0,1)",
                i=volt / ohm, s=span, e=span / 100,
            ),
            does("b", "gnd", "o", "i*exp(-((time-0.7*s)/(0.01*s))**2)", i=2 * volt / ohm, s=span),
            ohmic("r", "o", "gnd", ohm),
        ],
        span,
        "o",
    )  # fmt: skip


@named
def staircase(ohm: float, span: float, volt: float) -> Circuit:
    return circuit(
        {"s": 0.0, "o": span / ohm / 60},
        [
            holds("s", "s", "gnd", "u*floor(time/t)-u*abs(sin(time/t))", u=volt, t=span / 5.5),
            ohmic("r", "s", "o", ohm),
        ],
        span,
        "o",
    )


SCALES = {"usual": (1e3, 1e-3, 1.0), "fast": (50.0, 1e-8, 0.2), "slow": (1e6, 10.0, 12.0)}
"""Impedance, duration and voltage."""
