"""Devices that sense both end voltages: i = phi(a v_s + b v_d + c).

Gao et al. 2023 (KirchhoffNet), sections 2.2 and the authors' ``ShiftRelu2``/``ShiftTanh2``. Unless
b = -a such a device is a transconductor with a supply, not a passive two-terminal element.
"""

from ..params import Param
from . import activation
from .base import DEVICES, FusedLaw

AB = (
    Param(
        "a",
        1.0,
        "1/V",
        slider=(-3, 3),
        doc="Weight of the source voltage.",
        role="slope",
        initial="normal",
    ),
    Param(
        "b",
        -1.0,
        "1/V",
        slider=(-3, 3),
        doc="Weight of the target voltage.",
        role="slope",
        initial="normal",
    ),
    Param(
        "c",
        0.0,
        "",
        slider=(-3, 3),
        doc="Bias inside the activation.",
        role="offset",
        initial="normal",
    ),
)
FRAME = "M0 0h.2M.8 0h.2M.2-.25h.6v.5h-.6z"


class _SensingLaw(FusedLaw):
    params = AB
    slots = {"a": {"a": 1.0}, "b": {"b": 1.0}, "c": {"c": 1.0}}  # noqa: RUF012
    difference = False


@DEVICES.register("relu")
class Relu(_SensingLaw):
    """i = max(a v_s + b v_d + c, 0)."""

    title = "ReLU"
    activation = activation.RELU
    smooth = False
    symbol = FRAME + "M.28.12h.22l.2-.28"


@DEVICES.register("leaky_relu")
class LeakyRelu(_SensingLaw):
    """i = u for u > 0, else 0.01 u, with u = a v_s + b v_d + c."""

    title = "Leaky ReLU"
    activation = activation.LEAKY_RELU
    smooth = False
    symbol = FRAME + "M.28.16l.22-.05l.2-.28"


@DEVICES.register("tanh")
class Tanh(_SensingLaw):
    """i = tanh(a v_s + b v_d + c)."""

    title = "Tanh"
    activation = activation.TANH
    symbol = FRAME + "M.27.15c.2 0 .23 0 .23-.15s.03-.15.23-.15"


@DEVICES.register("sigmoid")
class Sigmoid(_SensingLaw):
    """i = 1 / (1 + exp(-(a v_s + b v_d + c)))."""

    title = "Sigmoid"
    activation = activation.SIGMOID
    symbol = FRAME + "M.27.12c.2 0 .23-.05.23-.15s.03-.15.23-.15"


@DEVICES.register("softplus")
class Softplus(_SensingLaw):
    """i = ln(1 + exp(a v_s + b v_d + c))."""

    title = "Softplus"
    activation = activation.SOFTPLUS
    symbol = FRAME + "M.27.14c.25 0 .25-.1.43-.3"
