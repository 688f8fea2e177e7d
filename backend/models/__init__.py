"""Trainable models by name."""

from ..shapes import Data as Data
from ..shapes import Shape as Shape
from .base import MODELS as MODELS
from .base import Effort as Effort
from .base import Group as Group
from .base import Model as Model
from .base import Moment as Moment
from .base import Setup as Setup
from .base import View as View
from .base import Walk as Walk
from .base import model_for as model_for
from .base import models_for as models_for
from .baselines import S4D as S4D
from .baselines import FourierOperator as FourierOperator
from .baselines import ResNet as ResNet
from .circuits import CircuitModel as CircuitModel
from .circuits import KirchhoffFlow as KirchhoffFlow
from .circuits import KirchhoffNet as KirchhoffNet
from .circuits import carried_over as carried_over
from .circuits import initialise as initialise
from .circuits import with_file_settings as with_file_settings
from .circuits import with_parameters as with_parameters
from .kinn import Kinn as Kinn
from .kitinet import Kitinet as Kitinet
from .kitinet import KITIResidual as KITIResidual
from .operator import Operator as Operator
