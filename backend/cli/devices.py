"""``kirchhoff devices``: which laws there are, and which of them compiled code knows."""

import typer

FUSED, LOOP, PLAIN = "fused kernels", "compiled loop", "plain torch"


def devices() -> None:
    """One line a kind of device: what computes it in trainings and in simulations, and its title.

    One device of plain torch in a circuit takes all others along: everything is right, and slow.
    """
    from ..devices import DEVICES

    width = max(map(len, DEVICES.names()))
    typer.echo(f"{'kind':{width}}  {'training':13}  {'simulation':13}  title")
    for kind, law in DEVICES.items():
        training, simulation = paths(kind)
        typer.echo(f"{kind:{width}}  {training:13}  {simulation:13}  {law.title}")


def paths(kind: str) -> tuple[str, str]:
    """What computes circuits of a kind of device: batches in float32, one example in float64.

    The same code is asked that looks for the way when a circuit is solved.
    """
    import torch  # a second that no other command should wait for

    from ..circuit import Circuit, Device, Node, Slice
    from ..circuit.compile import compile_circuit
    from ..simulation.problem import Problem
    from ..solvers.fused import plans_of

    nodes = (Node("a", role="input"), Node("b", role="output"))
    circuit = Circuit(nodes, (Slice((Device("d", kind, "a", "b"),)),))
    fields = list(compile_circuit(circuit, torch.float32).fields())
    fused = plans_of(fields, torch.zeros(len(nodes), 1)) is not None
    return FUSED if fused else PLAIN, PLAIN if Problem.of(circuit) is None else LOOP
