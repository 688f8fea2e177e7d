"""Circuits that compute: describe, simulate, differentiate, train and export them.

The names below load on first use, so that ``kirchhoff --help`` never waits for torch.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .circuit import GROUND as GROUND
    from .circuit import Circuit as Circuit
    from .circuit import Device as Device
    from .circuit import Node as Node
    from .circuit import Slice as Slice
    from .circuit_files import read_circuit as read_circuit
    from .circuit_files import write_circuit as write_circuit
    from .compile import CompiledCircuit as CompiledCircuit
    from .compile import compile_circuit as compile_circuit
    from .devices import DEVICES as DEVICES
    from .errors import CircuitError as CircuitError
    from .errors import SolveError as SolveError
    from .errors import StudioError as StudioError
    from .simulate import adjoint as adjoint
    from .simulate import simulate as simulate
    from .solvers import SOLVERS as SOLVERS
    from .topologies import TOPOLOGIES as TOPOLOGIES
    from .trajectory import AdjointTrajectory as AdjointTrajectory
    from .trajectory import Trajectory as Trajectory

_HOMES = {
    "circuit": ("GROUND", "Circuit", "Device", "Node", "Slice"),
    "circuit_files": ("read_circuit", "write_circuit"),
    "compile": ("CompiledCircuit", "compile_circuit"),
    "devices": ("DEVICES",),
    "errors": ("CircuitError", "SolveError", "StudioError"),
    "simulate": ("adjoint", "simulate"),
    "solvers": ("SOLVERS",),
    "topologies": ("TOPOLOGIES",),
    "trajectory": ("AdjointTrajectory", "Trajectory"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'backend' has no attribute {name!r}")
    value = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value


class _Package(ModuleType):
    """Lets ``backend.simulate`` stay the function after the module of that name is imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _HOME_OF and isinstance(value, ModuleType):
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
