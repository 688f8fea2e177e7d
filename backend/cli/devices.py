"""``kirchhoff devices``: which laws there are, and which of them compiled code knows."""

import typer

FUSED, LOOP, PLAIN = "fused kernels", "compiled loop", "plain torch"
DRIVEN = "driven node"


def devices() -> None:
    """One line a kind of device: what computes it in trainings and in simulations, and its title.

    One device of plain torch in a circuit takes all others along: everything is right, and slow.
    The last line is that of circuits with a driven node, whatever their devices are.
    """
    from ..devices import DEVICES

    width = max(map(len, (*DEVICES.names(), DRIVEN)))
    heads = ("training", "in float64", "on CUDA", "simulation")
    typer.echo(f"{'kind':{width}}  {'  '.join(f'{head:13}' for head in heads)}  title")
    titles = {kind: law.title for kind, law in DEVICES.items()}
    for kind, title in {**titles, DRIVEN: "A node that a source holds"}.items():
        ways = "  ".join(f"{way:13}" for way in paths(kind))
        typer.echo(f"{kind:{width}}  {ways}  {title}")


def paths(kind: str) -> tuple[str, str, str, str]:
    """What computes circuits of a kind of device: batches, and one example.

    The same code is asked that looks for the way when a circuit is solved.

    Args:
        kind: of a device, or ``DRIVEN``.

    Returns:
        the way of trainings on the processor, of batches in float64 there, of trainings on a CUDA
        device that has Triton, and of simulations.
    """
    import torch  # a second that no other command should wait for

    from ..circuit import Circuit, Device, Node, Slice
    from ..circuit.compile import compile_circuit
    from ..simulation.problem import Problem
    from ..solvers.fused import known_on, plans_of
    from ..waveforms.constant import Constant

    first = Node("a", drive=Constant()) if kind == DRIVEN else Node("a", role="input")
    nodes = (first, Node("b", role="output"))
    device = Device("d", "resistor" if kind == DRIVEN else kind, "a", "b")
    circuit = Circuit(nodes, (Slice((device,)),))
    single, double = (
        plans_of(
            compile_circuit(circuit, dtype).stretches(), torch.zeros(len(nodes), 1, dtype=dtype)
        )
        for dtype in (torch.float32, torch.float64)
    )
    on_cuda = single is not None and all(known_on("cuda", plan) for plan in single)
    known = single is not None, double is not None, on_cuda
    fused, fused_64, fused_cuda = (FUSED if each else PLAIN for each in known)
    return fused, fused_64, fused_cuda, PLAIN if Problem.of(circuit) is None else LOOP
