"""The activation functions phi of the fused device family, with slope and SPICE form.

They are written with tensor methods only, so describing a circuit never imports torch.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

LEAK = 0.01


@dataclass(frozen=True)
class Activation:
    """A scalar function phi(u).

    Args:
        value: phi(u).
        slope: phi'(u) from u and phi(u); 0 at the kink of relu, as in torch.
        spice: phi as an expression around the text of u.
        slopes: the least and the greatest phi' of all u.
        smooth: whether phi' is continuous.
    """

    name: str
    value: Callable[["Tensor"], "Tensor"]
    slope: Callable[["Tensor", "Tensor"], "Tensor"]
    spice: Callable[[str], str]
    slopes: tuple[float, float] = (0.0, 1.0)
    smooth: bool = True


def _positive(u: "Tensor") -> "Tensor":
    return (u > 0).to(u.dtype)


IDENTITY = Activation(
    "identity", lambda u: u, lambda u, phi: u.new_ones(()).expand_as(u), lambda u: f"({u})",
    slopes=(1.0, 1.0),
)  # fmt: skip
RELU = Activation(
    "relu",
    lambda u: u.relu(),
    lambda u, phi: _positive(u),
    lambda u: f"max({u},0)",
    smooth=False,
)
LEAKY_RELU = Activation(
    "leaky_relu",
    lambda u: LEAK * u + (1 - LEAK) * u.relu(),
    lambda u, phi: LEAK + (1 - LEAK) * _positive(u),
    lambda u: f"(max({u},0)+{LEAK}*min({u},0))",
    slopes=(LEAK, 1.0),
    smooth=False,
)
TANH = Activation("tanh", lambda u: u.tanh(), lambda u, phi: 1 - phi * phi, lambda u: f"tanh({u})")
SIGMOID = Activation(
    "sigmoid",
    lambda u: u.sigmoid(),
    lambda u, phi: phi * (1 - phi),
    # 1/(1+exp(-u)) overflows in a simulator for large -u; this form does not.
    lambda u: f"(0.5*(1+tanh(0.5*({u}))))",
    slopes=(0.0, 0.25),
)
SOFTPLUS = Activation(
    "softplus",
    lambda u: u.relu() + (-u.abs()).exp().log1p(),
    lambda u, phi: u.sigmoid(),
    lambda u: f"(max({u},0)+ln(1+exp(-abs({u}))))",
)
