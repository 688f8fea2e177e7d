"""Device kinds: one class per law, known by the name that stands in circuit files."""

from . import activations_ab as activations_ab
from . import controlled as controlled
from . import differences as differences
from . import expressed as expressed
from . import junction as junction
from . import passive as passive
from . import sources as sources
from . import storage as storage
from . import transistors as transistors
from .base import DEVICES as DEVICES
from .base import DeviceLaw as DeviceLaw
from .base import FusedLaw as FusedLaw
from .element import ELEMENTS as ELEMENTS
from .element import Element as Element


def kind_names() -> list[str]:
    """All registered kinds, those of the fast class first."""
    return [*DEVICES.names(), *ELEMENTS.names()]


def kind_of(name: str) -> type[DeviceLaw] | type[Element]:
    """The class of a kind.

    Raises:
        KeyError: no kind has this name.
    """
    if name in DEVICES:
        return DEVICES[name]
    if name in ELEMENTS:
        return ELEMENTS[name]
    raise KeyError(name)
