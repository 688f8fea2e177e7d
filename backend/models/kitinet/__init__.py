"""Networks whose residual branches are velocities that collide while they learn."""

from ...engine.collide import Batch as Batch
from ...engine.collide import Map as Map
from ...engine.collide import Slices as Slices
from .condensation import Condensation as Condensation
from .condensation import condensation as condensation
from .condensation import condensations as condensations
from .model import Kitinet as Kitinet
from .residual import KineticStep as KineticStep
from .residual import KITIResidual as KITIResidual
from .residual import kinetic_steps as kinetic_steps
from .residual import seed_steps as seed_steps
