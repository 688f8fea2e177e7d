"""Networks: files of circuits as named arrays, for large ones and for users' code."""

from .arrays import arrays_of as arrays_of
from .arrays import save_network as save_network
from .reader import load_network as load_network
from .reader import settings_of as settings_of
