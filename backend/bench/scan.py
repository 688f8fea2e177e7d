"""Cascades of cells beside other ways to run a linear recurrence, rule ``gs`` for all of them.

FFT convolution and scans get their tensors in the layout they like best, (B, D, L).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ..engine.scan import cascade, chunked
from ..engine.scan.cascades import make_table
from .table import Arrays, Echo, LeftOut, Row, Section, here, measure, print_section

RULE = "gs"
LEGEND = (
    "x: CPU time over all threads as a multiple of the first row, 1 thread, least of up to {} "
    "interleaved laps\n"
    "difference: relative L2 from the first row's answer, gradients included; cotangents are given"
)


class Problem(NamedTuple):
    """A batch of sequences through cascades with time constants of 1 to 100 steps.

    Args:
        u: inputs (B, L, D), float32.
        tau: (n, D).
        cotangent: dL/dtaps, (B, L, D, n).
        last: whether only the last tap is wanted; its cotangent is the last of ``cotangent``.
    """

    u: Tensor
    tau: Tensor
    cotangent: Tensor
    last: bool


Run = Callable[[Tensor, Tensor, Problem], Tensor]
"""From u and τ to taps: (B, L, D) of the last one, or (B, L, D, n) of all."""


def problem(batch: int, length: int, channels: int, cells: int, last: bool) -> Problem:
    """A random problem."""
    torch.manual_seed(0)
    return Problem(
        torch.randn(batch, length, channels),
        10 ** (2 * torch.rand(cells, channels)),
        torch.randn(batch, length, channels, cells),
        last,
    )


def ours(u: Tensor, tau: Tensor, given: Problem) -> Tensor:
    """The public door: the compiled kernel."""
    taps = cascade(u, tau, rule=RULE)
    return taps[..., -1] if given.last else taps


def by_chunks(u: Tensor, tau: Tensor, given: Problem) -> Tensor:
    """The portable path of devices without a kernel."""
    start = u.new_zeros(len(u), u.shape[2], len(tau))
    taps = chunked.march(u, make_table(tau, None, 1.0, RULE), start)
    return taps[..., -1] if given.last else taps


def fft(u: Tensor, tau: Tensor, given: Problem) -> Tensor:
    """Convolution with the impulse response, which is made anew; padded to twice the length."""
    kernel = chunked.impulse_response(make_table(tau, None, 1.0, RULE), u.shape[1])  # (L, D, n)
    return convolved(u, (kernel[..., -1:] if given.last else kernel).to(u.dtype), given.last)


def convolved(u: Tensor, kernel: Tensor, last: bool) -> Tensor:
    """(B, L, D) or (B, L, D, n) of u and a kernel (L, D, 1 or n)."""
    length = u.shape[1]
    rows = u.transpose(1, 2).contiguous()[..., None, :]  # (B, D, 1, L)
    spectrum = torch.fft.rfft(rows, 2 * length) * torch.fft.rfft(
        kernel.permute(1, 2, 0).contiguous(), 2 * length
    )
    taps = torch.fft.irfft(spectrum, 2 * length)[..., :length].permute(0, 3, 1, 2)
    return taps[..., 0] if last else taps


def scanned(u: Tensor, tau: Tensor, given: Problem) -> Tensor:
    """torch's associative scan, cell after cell."""
    try:
        from torch._higher_order_ops.associative_scan import associative_scan
    except ImportError:
        raise LeftOut("this torch has no associative_scan") from None

    def after(one: Any, other: Any) -> Any:
        return one[0] * other[0], other[0] * one[1] + other[1]

    taps, value = [], u.transpose(1, 2).contiguous()
    for cell in tau:
        a = torch.exp(-1 / cell)[None, :, None]
        pair = (a.expand_as(value).contiguous(), (1 - a) * value)
        value = associative_scan(after, pair, dim=2, combine_mode="generic")[1]
        taps.append(value.transpose(1, 2))
    return taps[-1] if given.last else torch.stack(taps, -1)


def looped(u: Tensor, tau: Tensor, given: Problem) -> Tensor:
    """A Python loop over time."""
    a, made = torch.exp(-1 / tau), []
    state = [torch.zeros_like(u[:, 0])] * len(tau)
    for value in u.unbind(1):
        for m in range(len(tau)):
            value = state[m] = a[m] * state[m] + (1 - a[m]) * value
        made.append(state[-1] if given.last else torch.stack(state, -1))
    return torch.stack(made, 1)


PEERS: dict[str, Run] = {
    "ours": ours,
    "ours, matrix products over chunks": by_chunks,
    "FFT convolution": fft,
    "torch associative_scan, generic": scanned,
    "Python loop": looped,
}


def rows(given: Problem, gradient: bool) -> list[Row]:
    """A row for every way; with gradients, those by inputs and time constants."""
    made = [Row(label, here(_lap(run, given, gradient)), _arrays) for label, run in PEERS.items()]
    bare = Row("FFT convolution, its kernel for nothing", here(_bare(given, gradient)), _first)
    return [*made[:3], bare, *made[3:]]


def _lap(run: Run, given: Problem, gradient: bool) -> Callable[[], tuple[Tensor, ...]]:
    cotangent = given.cotangent[..., -1].contiguous() if given.last else given.cotangent

    def forward() -> tuple[Tensor, ...]:
        with torch.no_grad():
            return (run(given.u, given.tau, given),)

    def both() -> tuple[Tensor, ...]:
        leaves = given.u.clone().requires_grad_(), given.tau.clone().requires_grad_()
        taps = run(*leaves, given)
        return taps.detach(), *torch.autograd.grad(taps, leaves, cotangent)

    return both if gradient else forward


def _bare(given: Problem, gradient: bool) -> Callable[[], tuple[Tensor, ...]]:
    """The convolution alone: kernels that somebody has made, and no gradient beyond them."""
    kernel = chunked.impulse_response(make_table(given.tau, None, 1.0, RULE), given.u.shape[1])
    kernel = (kernel[..., -1:] if given.last else kernel).float()

    def run(u: Tensor, weight: Tensor, _: Problem) -> Tensor:
        return convolved(u, weight, given.last)

    return _lap(run, given._replace(tau=kernel), gradient)


def _arrays(result: tuple[Tensor, ...]) -> Arrays:
    return tuple(each.numpy() for each in result)


def _first(result: tuple[Tensor, ...]) -> Arrays:
    return _arrays(result)[:2]


def sections(echo: Echo, repeats: int) -> list[dict[str, Any]]:
    """B = 8, D = 64, n = 3."""
    echo(LEGEND.format(repeats))
    done = []
    for length, last, gradient in (
        (1024, True, False),
        (1024, True, True),
        (1024, False, True),
        (256, False, True),
    ):
        given = problem(8, length, 64, 3, last)
        taps = "the last tap" if last else "all taps"
        kind = "forward and gradient" if gradient else "forward"
        title = f"8 x {length} steps, 64 channels, 3 cells, {taps}, {kind}"
        record = measure(Section(title, rows(given, gradient), torch.set_num_threads), repeats)
        print_section(record, echo)
        done.append(record)
    return done
