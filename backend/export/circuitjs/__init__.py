"""Circuits of the Falstad simulator (circuitjs) as its text files hold them: in and out."""

from . import writer as writer
from .reader import is_circuitjs as is_circuitjs
from .reader import parse_circuitjs as parse_circuitjs
