"""Rings along one axis together with the linear maps around them, as one operation.

What takes time on a processor is not the arithmetic of the lanes but the arrays between them, and
numbers too small to be normal; both are left out here, in the values and in the slopes.
"""

from typing import Any

import torch
from torch import Tensor

from ...engine.once import once_differentiable
from .cells import fading
from .fourier import analysis, analysis_back, filtered, kept, omegas, synthesis, synthesis_back


def mixed_by_rings(
    x: Tensor,
    inward: Tensor,
    outward: Tensor,
    bias: Tensor,
    lengths: tuple[Tensor, Tensor],
    modes: int,
) -> Tensor:
    """W_0 v + W_1 sigma dv/dx + W_x x + b, with v what rings make of the currents W_in x.

    A ring multiplies the wave omega by H = exp(-(omega sigma)^2 / 2 - i omega beta).

    Args:
        x: (S, B, channels).
        inward: W_in (lanes, channels).
        outward: [W_0, W_1, W_x] (outputs, 2 lanes + channels).
        bias: b (outputs,).
        lengths: sigma and beta (lanes,), in lengths of the axis.
        modes: largest wavenumber that passes a ring; 0 for all.
    """
    return _Mixed.apply(x, inward, outward, bias, *lengths, modes)  # pyright: ignore[reportReturnType]


class _Mixed(torch.autograd.Function):
    """A wave (c, s) of v has the derivative (omega s, -omega c).

    W_0 v and W_1 sigma v are therefore one product over waves, and the derivative is taken of what
    comes out of it, of which there is less than of lanes; all is then one field to synthesise.
    """

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        inward: Tensor,
        outward: Tensor,
        bias: Tensor,
        sigma: Tensor,
        beta: Tensor,
        modes: int,
    ) -> Tensor:
        """The field that goes out (S, B, outputs)."""
        size, outputs, lanes = len(x), len(outward), len(inward)
        count = kept(size, modes) + 1
        omega = omegas(count, x.dtype, x.device)
        p, q = _response(omega, sigma, beta)
        waves = analysis(x, modes)
        v = filtered(waves @ inward.T, p, q)
        weights = torch.cat((outward[:, :lanes], outward[:, lanes : 2 * lanes] * sigma))
        plain, steep = (v @ weights.T).split(outputs, -1)
        along = omega[:, None, None]
        both = torch.empty_like(plain)
        torch.addcmul(plain[0], along, steep[1], out=both[0])
        torch.addcmul(plain[1], along, steep[0], value=-1, out=both[1])
        both[0, 0] += bias
        field = synthesis(both, size)
        field.view(-1, outputs).addmm_(x.reshape(-1, x.shape[-1]), outward[:, 2 * lanes :].T)
        ctx.save_for_backward(x, waves, v, inward, outward, weights, sigma, omega, p, q)
        ctx.modes = modes
        return field

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grad_outputs: Tensor) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Slopes by x, the maps, the bias, sigma and beta."""
        x, waves, v, inward, outward, weights, sigma, omega, p, q = ctx.saved_tensors
        slopes = grad_outputs[0].contiguous()
        outputs, lanes, channels = len(outward), len(inward), x.shape[-1]
        rows, points = slopes.view(-1, outputs), x.reshape(-1, channels)
        by_outward = torch.empty_like(outward)
        torch.mm(rows.T, points, out=by_outward[:, 2 * lanes :])

        by_both = _turned(synthesis_back(slopes, ctx.modes), omega)
        by_bias = by_both[0, 0, :, :outputs].sum(0)
        by_v = by_both @ weights
        by_weights = by_both.view(-1, 2 * outputs).T @ v.view(-1, lanes)
        by_outward[:, :lanes] = by_weights[:outputs]
        torch.mul(by_weights[outputs:], sigma, out=by_outward[:, lanes : 2 * lanes])

        # d log H / d sigma = -omega^2 sigma, and d log H / d beta = -i omega: no division by H.
        by_sigma = (by_weights[outputs:] * outward[:, lanes : 2 * lanes]).sum(0)
        by_sigma -= sigma * (omega.square() @ (by_v * v).sum((0, 2)))
        across = (by_v[1] * v[0]).addcmul_(by_v[0], v[1], value=-1)
        by_beta = omega @ across.sum(1)

        by_currents = filtered(by_v, p, -q)
        by_inward = by_currents.view(-1, lanes).T @ waves.view(-1, channels)
        by_x = analysis_back(by_currents @ inward, len(x))
        by_x.view(-1, channels).addmm_(rows, outward[:, 2 * lanes :])
        return by_x, by_inward, by_outward, by_bias, by_sigma, by_beta, None


def _response(omega: Tensor, sigma: Tensor, beta: Tensor) -> tuple[Tensor, Tensor]:
    """Real and imaginary part of H (K + 1, 1, lanes)."""
    size = fading(torch.outer(omega, sigma))
    angle = torch.outer(omega, beta)
    return (size * angle.cos()).unsqueeze(1), (size * angle.sin()).neg_().unsqueeze(1)


def _turned(waves: Tensor, omega: Tensor) -> Tensor:
    """Slopes (2, K + 1, B, 2 outputs) by W_0 v and W_1 sigma v, from those by what they give."""
    outputs, along = waves.shape[-1], omega[:, None, None]
    found = waves.new_empty((*waves.shape[:-1], 2 * outputs))
    found[..., :outputs] = waves
    torch.mul(along, waves[0], out=found[1, ..., outputs:])
    torch.mul(-along, waves[1], out=found[0, ..., outputs:])
    return found
