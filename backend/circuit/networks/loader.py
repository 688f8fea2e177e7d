"""A short program in plain torch that integrates an exported network.

It is text for people who take a network into their own code. The laws stand in it with the names
of their parameters, written by the same method that writes them for SPICE.
"""

from pathlib import Path
from typing import Self

from ...devices import DEVICES
from ...errors import ExportError
from ..description import Circuit

MARK = "# Written beside exported weights; needs torch alone."
DRIVEN_MARK = "# Written beside exported weights; needs pip install kirchhoff-studio."
"""The first lines, by which an older program is known as one that may be replaced."""

OPEN = {
    "safetensors": ("from safetensors.torch import load_file\n", "load_file({})"),
    "pt": ("", 'torch.load({}, weights_only=True)["arrays"]'),
}
PROGRAM = """\
{mark}
{imports}
net = {read}
inputs = (net["role"] % 2 == 1).nonzero().flatten()  # 1 is an input, 2 an output, 3 both
outputs = (net["role"] >= 2).nonzero().flatten()
tanh, exp, ln, abs = torch.tanh, torch.exp, torch.log, torch.abs
max, min = (lambda u, low: u.clamp(min=low)), (lambda u, high: u.clamp(max=high))
laws = {{
{laws}}}
{supplied}
def rate(v, part):  # Kirchhoff's current law; the last column of v is ground
    total = torch.zeros_like(v)
    for kind, law in laws.items():
        p = {{key.split(".")[2]: net[key] for key in net if key.startswith(f"{{part}}.{{kind}}.")}}
        if p:
            i = law(v[:, p["source"]], v[:, p["target"]], p)
            total = total.index_add(1, {leaves}, -i).index_add(1, p["target"], i)
    return torch.cat([total[:, :-1] / net["capacitance"], total.new_zeros(len(v), 1)], 1)

def run(x, steps=200):  # (B, inputs) -> (B, nodes) [V]; classical Runge-Kutta steps of each slice
    v = torch.cat([net["voltage"], net["voltage"].new_zeros(1)]).repeat(len(x), 1)
    v[:, inputs] = x.to(v)
    for part, duration in enumerate(net["durations"]):
        h = duration / steps
        for _ in range(steps):
            k1 = rate(v, part)
            k2 = rate(v + h / 2 * k1, part)
            k3 = rate(v + h / 2 * k2, part)
            k4 = rate(v + h * k3, part)
            v = v + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return v[:, :-1]

def predict(x, steps=200):  # (B, inputs) -> (B, outputs) [V]
    return run(x, steps)[:, outputs]

if __name__ == "__main__":  # one example: the initial voltages in the file
    print(run(net["voltage"][inputs][None]))
"""
DRIVEN_PROGRAM = """\
{mark}
{imports}
from backend import CircuitLayer, read_circuit, simulate

circuit = read_circuit({file})  # some nodes are held by sources, which bend and jump with time

if circuit.inputs and circuit.outputs:
    layer = CircuitLayer(circuit)  # a torch.nn.Module: initial voltages in, final voltages out

if __name__ == "__main__":
    print(dict(zip(circuit.node_ids, simulate(circuit).voltages[-1], strict=True)))
"""
SUPPLIED = """\

def leaves(kind, p, v):  # where currents come from: some kinds only sense their source
    return torch.full_like(p["source"], v.shape[1] - 1) if kind in {} else p["source"]
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


def loader(circuit: Circuit, form: str, name: str = "") -> str:
    """The program for this circuit's kinds of devices; with driven nodes it asks this project.

    Args:
        circuit: what the file holds.
        form: ``safetensors`` or ``pt``.
        name: of the file that lies beside the program; without one, ``network`` in the working
            folder.
    """
    imports, read = OPEN[form]
    imports = f"import torch\n{imports}"
    file = repr(f"network.{form}")
    if name:
        imports = f"from pathlib import Path\n\n{imports}"
        file = f"Path(__file__).with_name({name!r})"
    if circuit.driven:
        start = "from pathlib import Path\n" if name else ""
        return DRIVEN_PROGRAM.format(mark=DRIVEN_MARK, imports=start, file=file)
    kinds = sorted({kind for table in circuit.tables() for kind in table.kinds})
    lines = "".join(f'    "{kind}": lambda s, d, p: {_law(kind)},\n' for kind in kinds)
    one_sided = tuple(kind for kind in kinds if DEVICES[kind].one_sided)
    return PROGRAM.format(
        mark=MARK, imports=imports, read=read.format(file), laws=lines,
        supplied=SUPPLIED.format(one_sided) if one_sided else "",
        leaves="leaves(kind, p, v)" if one_sided else 'p["source"]',
    )  # fmt: skip


def loader_path(path: Path) -> Path:
    """Where the program beside weights is written: ``net.pt`` has ``net_loader.py``.

    Raises:
        ExportError: a file that is no such program has that name.
    """
    place = path.with_name(f"{path.stem}_loader.py")
    try:
        with place.open(encoding="utf-8", errors="replace") as file:
            ours = file.readline().strip() in (MARK, DRIVEN_MARK)
    except FileNotFoundError:
        return place
    except OSError as error:
        raise ExportError(f"{place}: cannot be replaced ({error.strerror})") from None
    if not ours:
        raise ExportError(f"{place}: this file is not from an export; move it, or name another")
    return place


def _law(kind: str) -> str:
    law = DEVICES[kind]
    return law.spice("s", "d", {param.name: _Symbol(f'p["{param.name}"]') for param in law.params})
