"""The tables of the solver engine: workloads, methods and peers put together."""

import os
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from . import jax_peers, ngspice, ours
from .ceiling import ceiling as core_ceiling
from .jax_peers import JaxProcess
from .table import Echo, Row, Section, measure, print_section
from .torch_peers import forward_row, gradient_row, torchdiffeq_solve, torchode_solve
from .workloads import STEPS, TOLERANCE, Workload, workload

Sections = list[dict[str, Any]]
OUTPUTS = 200
THREADS = min(2, os.cpu_count() or 1)
ADAPTIVE = {"rtol": TOLERANCE, "atol": TOLERANCE}
LEGEND = (
    "x: CPU time over all threads as a multiple of the first row, 1 thread, least of up to {} "
    "interleaved laps\n"
    "difference: relative L2 from the first row's answer; torchdiffeq's rk4 is the 3/8 rule"
)


def small(echo: Echo, repeats: int) -> Sections:
    """Workload S."""
    return _network("small", echo, repeats)


def medium(echo: Echo, repeats: int) -> Sections:
    """Workload M."""
    return _network("medium", echo, repeats)


def mnist(echo: Echo, repeats: int) -> Sections:
    """The authors' MNIST graph; relu only, a peer takes seconds."""
    return _network("mnist", echo, repeats, ("relu",))


def large(echo: Echo, repeats: int) -> Sections:
    """Workload L; relu only, a peer takes seconds."""
    return _network("large", echo, repeats, ("relu",))


def _network(
    name: str, echo: Echo, repeats: int, activations: tuple[str, ...] = ("relu", "tanh")
) -> Sections:
    """Both activations, both methods, with and without gradient."""
    echo(LEGEND.format(repeats))
    done: Sections = []
    for activation in activations:
        work = workload(name, activation)
        echo(f"\n{work.text}, {activation}")
        with JaxProcess(work) as process:
            for section in network_sections(work, process):
                done.append(_measured(section, echo, repeats))
    return done


def network_sections(work: Workload, process: JaxProcess) -> list[Section]:
    """The four tables of one workload."""
    field = ours.field_of(work)
    fixed, adaptive = {"solver": "rk4", "steps": STEPS}, {"solver": "dopri5", **ADAPTIVE}
    return [
        Section(f"{work.name}, {work.activation}, {method}, {kind}", rows, torch.set_num_threads)
        for method, options, adapts in (
            (f"RK4 {STEPS} steps", fixed, False),
            (f"dopri5 {TOLERANCE:g}", adaptive, True),
        )
        for kind, rows in (
            (
                "forward",
                [
                    *ours.rows(work, field, gradient=False, **options),
                    *_torch_forward(work, adapts),
                    *_jax(process, work, adapts, False),
                ],
            ),
            (
                "forward and gradient",
                [
                    *ours.rows(work, field, gradient=True, **options),
                    *_torch_gradient(work, adapts),
                    *_jax(process, work, adapts, True),
                ],
            ),
        )
    ]


def _torch_forward(
    work: Workload, adaptive: bool, steps: int = STEPS, outputs: int = 2
) -> list[Row]:
    method = "dopri5" if adaptive else "rk4"
    solve = torchdiffeq_solve(method, steps=steps, outputs=outputs)
    rows = [forward_row(f"torchdiffeq {method}, authors' formulation", work, solve)]
    if adaptive:
        rows.append(
            forward_row("torchode dopri5, authors' formulation", work, torchode_solve(outputs))
        )
    return rows


def _torch_gradient(work: Workload, adaptive: bool, steps: int = STEPS) -> list[Row]:
    method = "dopri5" if adaptive else "rk4"
    plain = torchdiffeq_solve(method, steps=steps)
    back = torchdiffeq_solve(method, adjoint=True, steps=steps)
    rows = [
        gradient_row(f"torchdiffeq {method}, backprop", work, plain, tape=True),
        gradient_row(f"torchdiffeq {method}, odeint_adjoint", work, back, tape=False),
    ]
    if adaptive:
        rows.append(gradient_row("torchode dopri5, backprop", work, torchode_solve(), tape=True))
    return rows


def _jax(process: JaxProcess, work: Workload, adaptive: bool, gradient: bool) -> list[Row]:
    names = jax_peers.ADAPTIVE if adaptive else jax_peers.FIXED
    return jax_peers.rows(process, work, names, gradient)


def threads(echo: Echo, repeats: int) -> Sections:
    """One thread against two on the MNIST graph, with two tiles of 64 samples."""
    work = replace(workload("mnist"), batch=128)
    work = replace(work, start=np.concatenate([work.start, work.start[:, ::-1]], axis=1))
    echo(f"\n{work.text}, relu; wall time counts here, so nothing else should run")
    field = ours.field_of(work)
    done: Sections = []
    for kind in ("forward", "forward and gradient"):
        row = ours.rows(work, field, "rk4", kind != "forward", steps=STEPS)[0]
        section = Section(f"threads, RK4 {STEPS} steps, {kind}", [row], torch.set_num_threads)
        record = _measured(section, echo, repeats, 2)
        one, two = (record["rows"][0][name] for name in ("wall_s", "wall_2_s"))
        echo(f"two threads are {one / two:.2f} times as fast as one")
        done.append(record)
    return done


def double(echo: Echo, repeats: int) -> Sections:
    """Workload S in float64, in which results are checked."""
    echo(LEGEND.format(repeats))
    done: Sections = []
    fixed, adaptive = {"solver": "rk4", "steps": STEPS}, {"solver": "dopri5", **ADAPTIVE}
    for activation in ("relu", "tanh"):
        work = workload("small", activation).in_double()
        field = ours.field_of(work)
        for options, adapts in ((fixed, False), (adaptive, True)):
            for gradient in (False, True):
                peers = _torch_gradient(work, adapts) if gradient else _torch_forward(work, adapts)
                rows = [*ours.rows(work, field, gradient=gradient, **options), *peers[:1]]
                kind = "forward and gradient" if gradient else "forward"
                title = f"{work.name}, {activation}, {options['solver']}, {kind}"
                section = Section(title, rows, torch.set_num_threads)
                done.append(_measured(section, echo, repeats, 1))
    return done


def board(echo: Echo, repeats: int) -> Sections:
    """Workload W: what a drawn circuit asks for; ours also gives currents and KCL residuals."""
    echo(LEGEND.format(repeats))
    work = workload("board")
    steps = OUTPUTS - 1
    echo(f"\n{work.text}, relu; ours in float64 with currents and residuals, peers in float32")
    with JaxProcess(work, steps, steps) as process:
        fixed = [
            *ours.trajectory_rows(work, solver="rk4", steps=steps, outputs=OUTPUTS),
            *_torch_forward(work, False, steps, OUTPUTS),
            *_jax(process, work, False, False),
            *ngspice.rows(work, OUTPUTS),
        ]
        adaptive = [
            *ours.trajectory_rows(work, solver="dopri5", outputs=OUTPUTS, **ADAPTIVE),
            *_torch_forward(work, True, steps, OUTPUTS),
            *_jax(process, work, True, False),
        ]
        return [
            _measured(Section(title, rows, torch.set_num_threads), echo, repeats, 1)
            for title, rows in (
                (f"board, relu, RK4 {steps} steps, {OUTPUTS} outputs", fixed),
                (f"board, relu, dopri5 {TOLERANCE:g}, {OUTPUTS} outputs", adaptive),
            )
        ]


def board_gradient(echo: Echo, repeats: int) -> Sections:
    """Workload W with the path of its adjoint circuit; peers give the gradient alone."""
    echo(LEGEND.format(repeats))
    work = workload("board")
    steps = OUTPUTS - 1
    echo(f"\n{work.text}, relu; ours with the adjoint circuit at {OUTPUTS} times")
    with JaxProcess(work, steps) as process:
        rows = [
            *ours.adjoint_rows(work, solver="rk4", steps=steps, outputs=OUTPUTS),
            *_torch_gradient(work, False, steps),
            *_jax(process, work, False, True),
        ]
        title = f"board, relu, RK4 {steps} steps, forward and gradient"
        return [_measured(Section(title, rows, torch.set_num_threads), echo, repeats, 1)]


def ceiling(echo: Echo, repeats: int) -> Sections:
    """What one core can do, and which share of it our forward solve reaches."""
    top = core_ceiling(repeats)
    rates: dict[str, float] = top._asdict()
    echo(
        f"relu device evaluations: {top.edge_samples:.1f} G edge-samples/s, "
        f"{top.edge_ops:.2f} vector operations/ns\n"
        f"multiply-adds alone: {top.fma_ops:.2f} vector operations/ns, {top.gflops:.0f} GFLOP/s"
    )
    for name in ("small", "mnist"):
        work = workload(name)
        row = ours.rows(work, ours.field_of(work), "rk4", False, steps=STEPS)[0]
        record = measure(Section(name, [row], torch.set_num_threads), repeats)["rows"][0]
        rate = 4 * STEPS * work.graph.devices * work.batch / record["cpu_s"] / 1e9
        rates[f"{name}_edge_samples"] = rate
        echo(
            f"our forward solve, {name}: {rate:.2f} G edge-samples/s, "
            f"{rate / top.edge_samples:.1%} of the ceiling"
        )
    return [{"title": "rates of one core [1/ns]", "rows": [], "rates": rates}]


def _measured(section: Section, echo: Echo, repeats: int, threads: int = THREADS) -> dict[str, Any]:
    record = measure(section, repeats, threads)
    print_section(record, echo)
    return record
