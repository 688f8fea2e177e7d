"""A short program in plain torch that integrates an exported network.

It is text for people who take a network into their own code. The laws stand in it with the names
of their parameters, written by the same method that writes them for SPICE.
"""

from typing import Self

from ..circuit import Circuit
from ..devices import DEVICES

OPEN = {
    "safetensors": (
        "from safetensors.torch import load_file\n",
        'net = load_file("network.safetensors")',
    ),
    "pt": ("", 'net = torch.load("network.pt", weights_only=True)["arrays"]'),
}
PROGRAM = """\
import torch
{imports}
{read}
steps = 200  # of each slice; classical Runge-Kutta
tanh, exp, ln, abs = torch.tanh, torch.exp, torch.log, torch.abs
max, min = (lambda u, low: u.clamp(min=low)), (lambda u, high: u.clamp(max=high))
laws = {{
{laws}}}

def rate(v, part):  # Kirchhoff's current law; the last entry of v is ground
    total = torch.zeros_like(v)
    for kind, law in laws.items():
        p = {{key.split(".")[2]: net[key] for key in net if key.startswith(f"{{part}}.{{kind}}.")}}
        if p:
            i = law(v[p["source"]], v[p["target"]], p)
            total = total.index_add(0, p["source"], -i).index_add(0, p["target"], i)
    return torch.cat([total[:-1] / net["capacitance"], total.new_zeros(1)])

v = torch.cat([net["voltage"], net["voltage"].new_zeros(1)])
for part, duration in enumerate(net["durations"]):
    h = duration / steps
    for _ in range(steps):
        k1 = rate(v, part)
        k2 = rate(v + h / 2 * k1, part)
        k3 = rate(v + h / 2 * k2, part)
        k4 = rate(v + h * k3, part)
        v = v + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
print(v[:-1])
"""


class _Symbol(float):
    """A number that writes itself as text, so that a law can be asked for its formula."""

    text: str

    def __new__(cls, text: str) -> Self:
        symbol = super().__new__(cls, "nan")
        symbol.text = text
        return symbol

    def __repr__(self) -> str:
        return self.text

    def __mul__(self, other: float) -> "_Symbol":
        return self if other == 1 else _Symbol(f"({self.text}*{other!r})")

    def __rmul__(self, other: float) -> "_Symbol":
        return self if other == 1 else _Symbol(f"({other!r}*{self.text})")

    def __add__(self, other: float) -> "_Symbol":
        return self if other == 0 else _Symbol(f"({self.text}+{other!r})")

    def __radd__(self, other: float) -> "_Symbol":
        return self if other == 0 else _Symbol(f"({other!r}+{self.text})")


def loader(circuit: Circuit, form: str) -> str:
    """The program for this circuit's kinds of devices.

    Args:
        circuit: what the file holds.
        form: ``safetensors`` or ``pt``.
    """
    imports, read = OPEN[form]
    kinds = sorted({kind for table in circuit.tables() for kind in table.kinds})
    lines = "".join(f'    "{kind}": lambda s, d, p: {_law(kind)},\n' for kind in kinds)
    return PROGRAM.format(imports=imports, read=read, laws=lines)


def _law(kind: str) -> str:
    law = DEVICES[kind]
    return law.spice("s", "d", {param.name: _Symbol(f'p["{param.name}"]') for param in law.params})
