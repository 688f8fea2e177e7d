"""Devices that sense only D = v_s - v_d; their adjoint branch is an ordinary conductance.

Gao et al. 2023 (KirchhoffNet), theorem 2.1; the authors' ``ShiftTanh1`` and ``ShiftRelu1``.
"""

from ..params import Param
from . import activation
from .activations_ab import FRAME
from .base import DEVICES, FusedLaw

SLOPE = (
    Param(
        "g",
        1.0,
        "1/V",
        slider=(-3, 3),
        doc="Slope in front of v_s - v_d.",
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
THRESHOLD = (
    Param(
        "gain",
        1.0,
        "S",
        slider=(-3, 3),
        doc="Slope above the threshold.",
        role="gain",
        initial="degree",
    ),
    Param(
        "threshold",
        0.0,
        "V",
        slider=(-2, 2),
        doc="Voltage at which the device opens.",
        role="offset",
        initial="uniform",
    ),
)
BAR = "M.2.31h.6"


class _SlopeLaw(FusedLaw):
    params = SLOPE
    slots = {"g": {"a": 1.0, "b": -1.0}, "c": {"c": 1.0}}  # noqa: RUF012


class _ThresholdLaw(FusedLaw):
    params = THRESHOLD
    constant = {"a": 1.0, "b": -1.0}  # noqa: RUF012
    slots = {"gain": {"gain": 1.0}, "threshold": {"c": -1.0}}  # noqa: RUF012
    smooth = False


@DEVICES.register("relu_diff")
class ReluDiff(_SlopeLaw):
    """i = max(g (v_s - v_d) + c, 0)."""

    title = "ReLU of the difference"
    activation = activation.RELU
    smooth = False
    symbol = FRAME + BAR + "M.28.12h.22l.2-.28"


@DEVICES.register("leaky_relu_diff")
class LeakyReluDiff(_SlopeLaw):
    """i = u for u > 0, else 0.01 u, with u = g (v_s - v_d) + c."""

    title = "Leaky ReLU of the difference"
    activation = activation.LEAKY_RELU
    smooth = False
    symbol = FRAME + BAR + "M.28.16l.22-.05l.2-.28"


@DEVICES.register("tanh_diff")
class TanhDiff(_SlopeLaw):
    """i = tanh(g (v_s - v_d) + c)."""

    title = "Tanh of the difference"
    activation = activation.TANH
    symbol = FRAME + BAR + "M.27.15c.2 0 .23 0 .23-.15s.03-.15.23-.15"


@DEVICES.register("threshold_relu")
class ThresholdRelu(_ThresholdLaw):
    """i = gain max(v_s - v_d - threshold, 0)."""

    title = "ReLU with threshold"
    activation = activation.RELU
    symbol = FRAME + "M.28.12h.3l.14-.28M.58.19v-.14"


@DEVICES.register("threshold_leaky_relu")
class ThresholdLeakyRelu(_ThresholdLaw):
    """i = gain u for u > 0, else 0.01 gain u, with u = v_s - v_d - threshold."""

    title = "Leaky ReLU with threshold"
    activation = activation.LEAKY_RELU
    symbol = FRAME + "M.28.17l.3-.05l.14-.28M.58.19v-.14"
