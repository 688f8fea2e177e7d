"""Small-signal responses by a real ngspice (``.ac``), which the exported netlist describes."""

import re
import shutil
import tempfile
from pathlib import Path

import numpy as np

from backend.circuit import Circuit
from backend.export.ngspice import _log
from backend.export.spice import netlist

PRECISE = "reltol=1e-9 vntol=1e-12 abstol=1e-16 gmin=1e-12 itl1=1000"


def response_by_ngspice(
    circuit: Circuit, source: str, decades: tuple[int, int], each: int = 5, seconds: float = 60.0
) -> tuple[np.ndarray, np.ndarray | None]:
    """Frequencies (F,) [Hz] and voltages of all nodes over the source's (F, N), if there are any.

    Args:
        circuit: of one slice.
        source: a driven node, a voltage source, or a current source.
        decades: powers of ten of the first and the last frequency.
        each: frequencies a decade.
        seconds: wall time.
    """
    low, high = decades
    text = netlist(circuit, at_rest=True).replace(
        "\n.op\n", f"\n.options {PRECISE}\n.ac dec {each} 1e{low} 1e{high}\n"
    )
    f = np.logspace(low, high, (high - low) * each + 1)
    return f, _voltages(_with_sine(text, circuit, source), len(circuit.nodes), seconds)


def _with_sine(text: str, circuit: Circuit, source: str) -> str:
    """The netlist with an amplitude of one at a source."""
    if source in circuit.driven:
        card = f"V{circuit.node_ids.index(source) + 1}"
        return re.sub(rf"^({card} .*)$", r"\1 AC 1", text, flags=re.MULTILINE)
    place = circuit.device_ids.index(source)
    device = circuit.devices[place]
    if device.kind == "voltage_source":
        return re.sub(rf"^(Vd{place + 1} .*)$", r"\1 AC 1", text, flags=re.MULTILINE)
    numbers = {name: f"n{k}" for k, name in enumerate(circuit.node_ids, start=1)} | {"gnd": "0"}
    card = f"Iac {numbers[device.source]} {numbers[device.target]} DC 0 AC 1"
    return text.replace("\n.end", f"\n{card}\n.end")


def _voltages(text: str, nodes: int, seconds: float) -> np.ndarray | None:
    """The node voltages (F, N) of a sweep in a binary rawfile."""
    program = shutil.which("ngspice")
    assert program is not None
    with tempfile.TemporaryDirectory() as folder:
        deck, raw = Path(folder, "a.cir"), Path(folder, "a.raw")
        deck.write_text(text, encoding="ascii")
        _log(program, deck, raw, seconds)
        if not raw.is_file():
            return None
        head, _, body = raw.read_bytes().partition(b"Binary:\n")
    lines = head.decode("ascii", "replace").splitlines()
    first = lines.index("Variables:") + 1
    count = int(next(line.split(":")[1] for line in lines if line.startswith("No. Variables")))
    names = [line.split()[1].lower() for line in lines[first : first + count]]
    table = np.frombuffer(body, "<c16").reshape(-1, count)
    return table[:, [names.index(f"v(n{k})") for k in range(1, nodes + 1)]]
