"""What lanes do, worked out from their lengths alone: for pictures of a stored training.

All lengths are in domain lengths. Where there are more blocks than a picture has room for the first
ones are taken.
"""

import math

import numpy as np
import torch
from torch import Tensor

from ...engine.scan import cascade, filtered, response
from .ring import RingCells
from .sheet import SheetCells

POINTS = 192
"""Of the line that pulses travel along."""

FINER = 4
"""Steps between two points of a line with ends, where the mean of an input is held."""

PULSE = (0.02, 0.1)
"""Where the pulse begins and how long it is."""

MOST = 400_000
"""Numbers of one picture."""

Arrays = dict[str, np.ndarray]


def cascades(tau: np.ndarray, order: int, periodic: bool) -> Arrays:
    """A pulse on its way through the cascades of every lane, and what a cascade is by itself.

    Args:
        tau: time constants (blocks, lanes), the same for all cells of a lane.
        order: cells n in series.
        periodic: whether the lane closes on itself; else it begins at 0 V.

    Returns:
        ``place`` (P,) from 0 to 1 along the lane, ``centre`` (1,) of the pulse, ``taps`` (blocks,
        lanes, n + 1, P) [V] with the input first; and, with tau as the unit, ``kernel_place`` (Q,),
        ``kernels`` (n, Q) of every tap, ``omega`` (K,), ``gain`` (n, K) [dB] and ``phase`` (n, K)
        [degrees].
    """
    blocks, lanes = tau.shape
    count = _room(blocks, lanes * (order + 1) * POINTS)
    flat = torch.from_numpy(np.asarray(tau[:count], np.float64)).flatten()
    fine = 1 if periodic else FINER
    place = torch.arange(0, fine * (POINTS - 1) + 1, dtype=torch.float64)
    place = place / (POINTS if periodic else fine * (POINTS - 1))
    u = _pulse(place)[:, None].expand(-1, len(flat))[None]
    taps = torch.cat((u[..., None], _taps(u, flat.expand(order, -1), periodic)), -1)[0, ::fine]
    place, seen = place[::fine], taps.permute(1, 2, 0).reshape(count, lanes, order + 1, POINTS)
    if periodic:  # the end is the beginning
        place, seen = torch.cat((place, 1 + place[:1])), torch.cat((seen, seen[..., :1]), -1)
    centre = np.array([PULSE[0] + PULSE[1] / 2])
    shown = {"place": place.numpy(), "centre": centre, "taps": seen.numpy()}
    return {**shown, **_prototype(order)}


def _room(blocks: int, entries: int) -> int:
    """How many blocks are shown."""
    return max(1, min(blocks, MOST // max(1, entries)))


def _pulse(place: Tensor) -> Tensor:
    """One wave of cosine, from 0 to 1 V and back, at places on a line."""
    share = (place - PULSE[0]) / PULSE[1]
    inside = (share > 0) & (share < 1)
    return torch.where(inside, 0.5 - 0.5 * torch.cos(2 * math.pi * share), 0.0)


def _taps(u: Tensor, tau: Tensor, periodic: bool) -> Tensor:
    """Taps (1, P, D, n), as ``CascadeRing`` and ``CascadeLines`` have them."""
    if periodic:
        return filtered(u, tau)
    mean = 0.5 * (u[:, 1:] + u[:, :-1])
    taps = cascade(mean, tau, step=1.0 / (u.shape[1] - 1))
    return torch.cat((torch.zeros_like(taps[:, :1]), taps), 1)


def _prototype(order: int) -> Arrays:
    """Kernels and responses of cascades whose tau is 1.

    The kernel of tap m is t^(m - 1) e^(-t) / (m - 1)!, of mean m and variance m.
    """
    place = np.linspace(0.0, order + 5.0 * math.sqrt(order), 241)
    kernels = [place**m * np.exp(-place) / math.factorial(m) for m in range(order)]
    omega = np.logspace(-3, 3, 181)
    found = response(torch.from_numpy(omega / (2 * math.pi)), torch.ones(order, 1).double())
    taps = found[:, 0].T.numpy()  # (n, K)
    phase = np.unwrap(np.angle(taps), axis=1)
    return {
        "kernel_place": place, "kernels": np.stack(kernels), "omega": omega,
        "gain": 20 * np.log10(np.abs(taps)), "phase": np.degrees(phase),
    }  # fmt: skip


def rings(sigma: np.ndarray, beta: np.ndarray | None, periodic: bool, modes: int = 0) -> Arrays:
    """What a unit pulse in the middle becomes along every axis of every lane, and its response.

    Args:
        sigma: widths (blocks, lanes, axes).
        beta: drifts of the same shape; ``None`` for none.
        periodic: rings, else sheets with ends, of which the later half of the lanes is grounded.
        modes: waves that pass; 0 for all of a ring, for the usual number of a sheet.

    Returns:
        ``place`` (P,), ``kernels`` (blocks, lanes, axes, 2, P) and, over ``wave`` (K,), whole waves
        in the domain, ``gains`` (blocks, lanes, axes, 2, K): |H| and |H'|, value and slope.
    """
    blocks, lanes, axes = sigma.shape
    wave = np.arange(161) ** 2 / 400.0  # to 64, the closer the longer the waves
    shown = _room(blocks, lanes * axes * 2 * (POINTS + len(wave)))
    points = POINTS if periodic else POINTS + 1
    pulse = torch.zeros(points, 1, lanes, dtype=torch.float64)
    pulse[points // 2] = points if periodic else points - 1
    kernels, gains = [], []
    for block in range(shown):
        for axis in range(axes):
            widths = torch.from_numpy(np.asarray(sigma[block, :, axis], np.float64))
            drifts = torch.zeros_like(widths)
            if beta is not None:
                drifts = torch.from_numpy(np.asarray(beta[block, :, axis], np.float64))
            ring = _ring(widths, drifts, modes)
            cells = ring if periodic else _sheet(widths, modes)
            kernels.append(cells(pulse)[:, 0].reshape(-1, 2, lanes).permute(2, 1, 0))
            gains.append(_gains(ring, wave))
    order = (shown, axes, lanes, 2, -1)
    return {
        "place": np.arange(points) / POINTS,
        "kernels": torch.stack(kernels).reshape(order).transpose(1, 2).numpy(),
        "wave": wave,
        "gains": torch.stack(gains).reshape(order).transpose(1, 2).numpy(),
    }


@torch.no_grad()
def _ring(widths: Tensor, drifts: Tensor, modes: int) -> RingCells:
    with torch.random.fork_rng(devices=[]):
        cells = RingCells(len(widths), 1, modes).double()
    cells.log_width.copy_(widths.log()[:, None])
    cells.drift.copy_(drifts[:, None])
    return cells.requires_grad_(False)


@torch.no_grad()
def _sheet(widths: Tensor, modes: int) -> SheetCells:
    with torch.random.fork_rng(devices=[]):
        cells = SheetCells(len(widths), 1, modes).double()
    cells.log_width.copy_(widths.log()[:, None])
    return cells.requires_grad_(False)


def _gains(ring: RingCells, wave: np.ndarray) -> Tensor:
    """|H| and |H'| (lanes, 2, K)."""
    omega = 2 * math.pi * torch.from_numpy(wave)
    value, slope = (component[0] for component in ring.responses([omega]))
    assert value
    assert slope
    return torch.stack([torch.hypot(*value).T, torch.hypot(*slope).T], 1)
