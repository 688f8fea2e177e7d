"""Device kinds: one class per law, known by the name that stands in circuit files."""

from . import activations_ab as activations_ab
from . import controlled as controlled
from . import differences as differences
from . import passive as passive
from .base import DEVICES as DEVICES
from .base import DeviceLaw as DeviceLaw
from .base import FusedLaw as FusedLaw
