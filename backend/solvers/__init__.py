"""Time integration of vector fields, and its gradients."""

from .adjoint import Adjoint as Adjoint
from .auto import Auto as Auto
from .base import DifferentiableField as DifferentiableField
from .base import Solution as Solution
from .base import Solver as Solver
from .base import Stats as Stats
from .base import Status as Status
from .base import Tape as Tape
from .base import VectorField as VectorField
from .dopri5 import Dopri5 as Dopri5
from .fused import use as use
from .fused import warm_up as warm_up
from .gradients import ADJOINTS as ADJOINTS
from .gradients import backprop_adjoint as backprop_adjoint
from .gradients import continuous_adjoint as continuous_adjoint
from .gradients import discrete_adjoint as discrete_adjoint
from .gradients import integrate as integrate
from .gradients import integrate_all as integrate_all
from .peer import TorchDiffEq as TorchDiffEq
from .registry import SOLVERS as SOLVERS
from .rodas4 import Rodas4 as Rodas4
from .runge_kutta import ClassicalRungeKutta as ClassicalRungeKutta
from .runge_kutta import Euler as Euler
from .runge_kutta import FixedStepSolver as FixedStepSolver
from .runge_kutta import Heun as Heun
from .runge_kutta import Midpoint as Midpoint
