"""Hypothesis: random valid circuits of every registered kind."""

import numpy as np
from hypothesis import strategies as st

from backend.circuit import GROUND, ROLES, Circuit, Device, Node, Slice
from backend.devices import DEVICES

SMOOTH = [kind for kind, law in DEVICES.items() if law.smooth and kind != "diode"]


def random_circuit(
    seed: int,
    kinds: list[str] | None = None,
    nodes: int = 6,
    devices: int = 14,
    slices: int = 2,
    capacitances: bool = True,
) -> Circuit:
    """A connected circuit with parallel devices, ground edges and unequal slices.

    Currents stay of the order of 1 A so that voltages stay of the order of 1 V.
    """
    rng = np.random.default_rng(seed)
    kinds = kinds or DEVICES.names()
    ids = [f"n{k + 1}" for k in range(nodes)]
    parts, count = [], 0
    for _ in range(slices):
        members = []
        for k in range(devices):
            ends = rng.choice([*ids, GROUND], size=2, replace=False)
            if k == 1:  # parallel to the first device
                ends = [members[0].source, members[0].target]
            if k == 2:
                ends = [ids[0], GROUND]
            kind = kinds[k % len(kinds)]
            count += 1
            members.append(
                Device(f"d{count}", kind, str(ends[0]), str(ends[1]), random_params(kind, rng))
            )
        parts.append(Slice(tuple(members), float(rng.uniform(0.3, 1.2))))
    described = tuple(
        Node(
            name,
            voltage=float(rng.normal(0, 0.6)),
            capacitance=float(rng.uniform(0.5, 2.0)) if capacitances else 1.0,
            role="output" if k >= nodes - 2 else "input" if k == 0 else "hidden",
        )
        for k, name in enumerate(ids)
    )
    return Circuit(described, tuple(parts), f"random {seed}")


def random_params(kind: str, rng: np.random.Generator) -> dict[str, float]:
    """Parameters that keep a circuit of a few nodes well away from overflow."""
    if kind == "diode":
        return {
            "saturation_current": float(10 ** rng.uniform(-9, -6)),
            "ideality": float(rng.uniform(1.0, 2.5)),
        }
    if kind == "resistor":
        return {"conductance": float(rng.uniform(0.1, 1.5))}
    if kind == "rectifier":
        values = {"conductance": rng.uniform(0.1, 1.5), "threshold": rng.normal(0, 0.7)}
        return {name: float(value) for name, value in values.items()}
    return {param.name: float(rng.normal(0, 0.7)) for param in DEVICES[kind].params}


@st.composite
def circuits(draw: st.DrawFn, kinds: list[str] | None = None) -> Circuit:
    """Random circuits from one node to a handful, also without devices."""
    kinds = kinds or DEVICES.names()
    ids = draw(st.lists(_names, min_size=1, max_size=6, unique=True))
    nodes = tuple(
        Node(
            name,
            voltage=draw(_volts),
            capacitance=draw(st.floats(0.2, 5.0)),
            role=draw(st.sampled_from(ROLES)),
            label=draw(st.text(max_size=8)),
            x=draw(st.floats(-1e3, 1e3)),
            y=draw(st.floats(-1e3, 1e3)),
        )
        for name in ids
    )
    ends = [*ids, GROUND]
    parts, count = [], 0
    for _ in range(draw(st.integers(1, 3))):
        members = []
        for _ in range(draw(st.integers(0, 6))):
            source = draw(st.sampled_from(ends))
            target = draw(st.sampled_from([name for name in ends if name != source]))
            kind = draw(st.sampled_from(kinds))
            rng = np.random.default_rng(draw(st.integers(0, 2**31)))
            count += 1
            members.append(
                Device(
                    f"d{count}", kind, source, target, random_params(kind, rng), draw(st.booleans())
                )
            )
        parts.append(Slice(tuple(members), draw(st.floats(0.05, 2.0))))
    return Circuit(nodes, tuple(parts), draw(st.text(max_size=12)))


_volts = st.floats(-2.0, 2.0)
_names = st.text("abcxyz0123_-é ", min_size=1, max_size=6).filter(
    lambda name: name.strip() != "" and name != GROUND
)
