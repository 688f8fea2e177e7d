"""Training: a spec in, a stream of events out.

``loop`` and ``evaluate`` need torch and are imported where they are used; the spec does not.
"""

from .events import Checkpointed as Checkpointed
from .events import Evaluated as Evaluated
from .events import FrameStored as FrameStored
from .events import PhaseBegun as PhaseBegun
from .events import StepDone as StepDone
from .spec import TrainSpec as TrainSpec
