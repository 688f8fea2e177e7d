"""Models that are circuits."""

from .base import CircuitModel as CircuitModel
from .base import with_parameters as with_parameters
from .choosing import carried_over as carried_over
from .choosing import with_file_settings as with_file_settings
from .initial import initialise as initialise
from .kirchhoff_flow import KirchhoffFlow as KirchhoffFlow
from .kirchhoffnet import KirchhoffNet as KirchhoffNet
from .steady_state import SteadyStateNet as SteadyStateNet
