"""jax and diffrax on one workload, in a process of its own that answers one lap a line.

XLA sizes its pool of threads by the processors it may use, so the process confines itself to one.
Started by ``jax_peers``; a request is a JSON object with ``row``, ``gradient`` and ``keep`` (a
file for the answer, or null), a reply one with ``cpu_s`` and ``wall_s`` or ``refused``.
"""
# pyright: reportMissingImports=false

import json
import os
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from .table import here

Solve = Callable[[Any, Any], Any]
"""From start voltages (N, B) and weights to states (T, N, B) at equidistant times after 0."""

if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def make_rhs(data: Any) -> Callable[[Any, Any, Any], Any]:
    """dv/dt (N, B) by gather, activation and scatter over rows; ground is row 0."""
    import jax
    import jax.numpy as jnp

    source, target = jnp.asarray(data["source"]), jnp.asarray(data["target"])
    phi = {"relu": jax.nn.relu, "tanh": jnp.tanh}[str(data["activation"])]

    def rhs(t: Any, v: Any, theta: Any) -> Any:
        padded = jnp.concatenate([jnp.zeros((1, v.shape[1]), v.dtype), v])
        a, b, c = theta[:, :, None]
        i = phi(a * padded[source] + b * padded[target] + c)
        return jnp.zeros_like(padded).at[target].add(i).at[source].add(-i)[1:]

    return rhs


def scan_rk4(rhs: Any, steps: int, outputs: int, checkpoint: bool) -> Solve:
    """The classical method in ``lax.scan``; with checkpoints a step is computed again backward."""
    import jax

    h = 1.0 / steps

    def step(v: Any, theta: Any) -> Any:
        k1 = rhs(0.0, v, theta)
        k2 = rhs(0.0, v + h / 2 * k1, theta)
        k3 = rhs(0.0, v + h / 2 * k2, theta)
        k4 = rhs(0.0, v + h * k3, theta)
        return v + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)

    one = jax.checkpoint(step) if checkpoint else step

    def advance(v: Any, theta: Any) -> Any:
        after = one(v, theta)
        return after, after if outputs > 1 else None

    def solve(v: Any, theta: Any) -> Any:
        end, path = jax.lax.scan(lambda y, _: advance(y, theta), v, None, length=steps)
        return end[None] if path is None else path

    return solve


def diffrax_rk4(rhs: Any, steps: int, outputs: int) -> Solve:
    """The classical method as a tableau of diffrax, which brings none of order 4 without error."""
    import diffrax

    class ClassicalRungeKutta(diffrax.AbstractERK):
        tableau = diffrax.ButcherTableau(
            a_lower=(np.array([0.5]), np.array([0, 0.5]), np.array([0, 0, 1.0])),
            b_sol=np.array([1 / 6, 1 / 3, 1 / 3, 1 / 6]),
            b_error=np.zeros(4),
            c=np.array([0.5, 0.5, 1.0]),
        )
        interpolation_cls = diffrax.ThirdOrderHermitePolynomialInterpolation.from_k

        def order(self, terms: Any) -> int:
            return 4

    times = np.linspace(0, 1, outputs + 1)[1:]
    method, control = ClassicalRungeKutta(), diffrax.ConstantStepSize()
    return diffrax_solve(rhs, method, control, times, 1.0 / steps, steps)


def diffrax_solve(
    rhs: Any, method: Any, control: Any, times: np.ndarray, dt0: Any, most: int
) -> Solve:
    """States by diffrax; gradients by its default, the checkpointed discrete adjoint."""
    import diffrax

    def solve(v: Any, theta: Any) -> Any:
        solution = diffrax.diffeqsolve(
            diffrax.ODETerm(rhs),
            method,
            0.0,
            1.0,
            dt0,
            v,
            args=theta,
            saveat=diffrax.SaveAt(t1=True) if len(times) == 1 else diffrax.SaveAt(ts=times),
            stepsize_controller=control,
            max_steps=most,
        )
        return solution.ys

    return solve


def make_solve(row: str, rhs: Any, data: Any) -> Solve:
    """The solver a row names."""
    steps, outputs, tolerance = (data[name].item() for name in ("steps", "outputs", "tolerance"))
    if row.startswith("jax lax.scan"):
        return scan_rk4(rhs, steps, outputs, checkpoint="checkpointed" in row)
    import diffrax

    if row == "diffrax rk4":
        return diffrax_rk4(rhs, steps, outputs)
    method = {"diffrax dopri5": diffrax.Dopri5, "diffrax tsit5": diffrax.Tsit5}[row]()
    control = diffrax.PIDController(rtol=tolerance, atol=tolerance)
    return diffrax_solve(rhs, method, control, np.linspace(0, 1, outputs + 1)[1:], None, 4096)


def compiled(row: str, gradient: bool, rhs: Any, data: Any) -> Callable[[], Any]:
    """A call that runs the jitted row once and waits for its arrays."""
    import jax

    solve = make_solve(row, rhs, data)
    v, theta = jax.numpy.asarray(data["start"]), jax.numpy.asarray(data["theta"])

    def loss(start: Any, weights: Any) -> Any:
        end = solve(start, weights)[-1]
        return (end * end).sum(), end

    if not gradient:
        forward = jax.jit(solve)
        return lambda: jax.block_until_ready(forward(v, theta))[-1:]
    pull = jax.jit(jax.value_and_grad(loss, argnums=(0, 1), has_aux=True))

    def both() -> Any:
        (_, end), gradients = pull(v, theta)
        return jax.block_until_ready((end, *gradients))

    return both


def answer(ask: Any, calls: dict[Any, Callable[[], Any]], rhs: Any, data: Any) -> dict[str, Any]:
    """Times of one run; the first request of a row compiles it and runs it once more."""
    key = ask["row"], ask["gradient"]
    try:
        if key not in calls:
            calls[key] = compiled(*key, rhs, data)
            calls[key]()
        best = here(calls[key])()
        reply, result = {"cpu_s": best.cpu_s, "wall_s": best.wall_s}, best.result
        if ask["keep"]:
            np.savez(ask["keep"], *map(np.asarray, result))
        return reply
    except ModuleNotFoundError as error:
        return {"missing": error.name}
    except Exception as error:  # whatever XLA has to say is the reason why a row is missing
        return {"refused": " ".join(str(error).split())[:120] or type(error).__name__}


def main(path: str) -> None:
    """Answer requests until standard input ends."""
    with np.load(path) as file:
        data = dict(file)
    calls: dict[Any, Callable[[], Any]] = {}
    rhs = None
    for line in sys.stdin:
        try:
            rhs = rhs or make_rhs(data)
            reply = answer(json.loads(line), calls, rhs, data)
        except ModuleNotFoundError as error:
            reply = {"missing": error.name}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
