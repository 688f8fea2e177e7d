"""A cascade as matrix products over chunks of time: plain torch, any device, any derivative.

Within a chunk of Q steps the taps are y = T u + O s with the Toeplitz matrix T of the impulse
response and the powers O = A^(q+1); from chunk to chunk the state goes s' = A^Q s + W u. Powers are
made in float64, as E with A = 1 + E, so that float32 keeps the slowest of memories.
"""

import torch
from torch import Tensor

CHUNK = 32
"""Steps in a chunk: the work for an element grows with it, the number of chunks falls."""


def powers(table: Tensor, count: int) -> Tensor:
    """A^k - 1 for k = 1 to ``count``, (count, D, n, n), from B and E of (n, n + 1, D)."""
    one = table[:, 1:].permute(2, 0, 1)[None]
    made = one
    while len(made) < count:
        last = made[-1:]
        made = torch.cat([made, last + made + last @ made])
    return made[:count]


def impulse_response(table: Tensor, count: int) -> Tensor:
    """A^k B for k = 0 to ``count`` - 1, (count, D, n)."""
    b = table[:, 0].T[None]  # (1, D, n)
    if count == 1:
        return b
    lagged = (powers(table, count - 1) @ b[..., None])[..., 0] + b
    return torch.cat([b, lagged])


def march(u: Tensor, table: Tensor, start: Tensor, chunk: int = CHUNK) -> Tensor:
    """All states (B, L, D, n); arguments as of ``march_cpu.march``."""
    batch, steps, channels = u.shape
    cells, size = len(table), max(1, min(chunk, steps))
    chunks = -(-steps // size)
    padded = torch.nn.functional.pad(u, (0, 0, 0, chunks * size - steps))
    # (D, Q, B chunks), a column for every chunk
    columns = padded.view(batch, chunks, size, channels).permute(3, 2, 0, 1).flatten(2)
    response = impulse_response(table, size)
    lost = powers(table, size).to(u.dtype)  # (Q, D, n, n)
    own = _toeplitz(response).to(u.dtype) @ columns
    last = response.flip(0).permute(1, 2, 0).to(u.dtype)  # (D, n, Q)
    arriving = (last @ columns).view(channels, cells, batch, chunks)
    states = _carried(arriving, lost[-1], start.permute(1, 2, 0))  # (D, n, B, chunks)
    carried = torch.einsum("qdij,djbc->dqibc", lost, states) + states[:, None]
    taps = own.view(channels, size, cells, batch, chunks) + carried
    return taps.permute(3, 4, 1, 0, 2).reshape(batch, chunks * size, channels, cells)[:, :steps]


def _toeplitz(response: Tensor) -> Tensor:
    """T (D, Q n, Q): row (q, m) holds the response of tap m to the inputs up to q."""
    size, channels, cells = response.shape
    lag = torch.arange(size, device=response.device)
    lag = lag[:, None] - lag[None]
    padded = torch.cat([response, response.new_zeros(1, channels, cells)])
    return (
        padded[torch.where(lag < 0, size, lag)]
        .permute(2, 0, 3, 1)
        .reshape(channels, size * cells, size)
    )


def _carried(arriving: Tensor, lost: Tensor, start: Tensor) -> Tensor:
    """The state before every chunk, (D, n, B, chunks)."""
    states = [start]
    for each in arriving.unbind(-1)[:-1]:
        states.append(states[-1] + (lost @ states[-1] + each))
    return torch.stack(states, -1)
