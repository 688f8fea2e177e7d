"""The activations and their first two derivatives inside Triton kernels.

Numbers of the activations as in ``plan.CODES``. Comparisons are written so that NaN goes through.
"""

# Without Triton there is nothing to check these names against.
# pyright: reportMissingImports=false

import triton
import triton.language as tl


@triton.jit
def tanh(u):
    """Hyperbolic tangent, relative error below 4e-7 on both sides of the joint at 0.3."""
    # 1 - 2/(e^2u + 1) loses all digits near 0; there, the Taylor series to u^9 does not.
    s = u * u
    near = s * (17.0 / 315.0 - s * (62.0 / 2835.0))
    near = u - u * s * (1.0 / 3.0 - s * (2.0 / 15.0) + s * near)
    e = tl.exp(-2.0 * tl.abs(u))
    far = (1.0 - e) / (1.0 + e)
    return tl.where(s < 0.09, near, tl.where(u < 0, -far, far))


@triton.jit
def value(u, CODE: tl.constexpr):
    """phi(u)."""
    if CODE == 1:
        phi = tl.where(u <= 0, 0.0, u)
    elif CODE == 2:
        phi = tl.where(u <= 0, 0.01 * u, u)
    elif CODE == 3:
        phi = tanh(u)
    elif CODE == 4:
        phi = 1.0 / (1.0 + tl.exp(-u))
    elif CODE == 5:
        phi = tl.where(u <= 0, 0.0, u) + tl.log(1.0 + tl.exp(-tl.abs(u)))
    else:
        phi = u
    return phi


@triton.jit
def slope(u, phi, CODE: tl.constexpr):
    """phi'(u) from u and phi(u); 0 and 0.01 at the kinks."""
    if CODE == 1:
        rise = tl.where(u > 0, 1.0, 0.0)
    elif CODE == 2:
        rise = tl.where(u > 0, 1.0, 0.01)
    elif CODE == 3:
        rise = 1.0 - phi * phi
    elif CODE == 4:
        rise = phi * (1.0 - phi)
    elif CODE == 5:
        rise = 1.0 / (1.0 + tl.exp(-u))
    else:
        rise = tl.zeros_like(u) + 1.0
    return rise


@triton.jit
def curvature(phi, rise, CODE: tl.constexpr):
    """phi''(u) from phi(u) and phi'(u)."""
    if CODE == 3:
        bend = -2.0 * phi * rise
    elif CODE == 4:
        bend = rise * (1.0 - 2.0 * phi)
    elif CODE == 5:
        bend = rise * (1.0 - rise)
    else:
        bend = tl.zeros_like(rise)
    return bend
