"""Circuits that compute: describe, simulate, differentiate, train and export them.

The names below load on first use, so that ``kirchhoff --help`` never waits for torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .circuit import GROUND as GROUND
    from .circuit import Circuit as Circuit
    from .circuit import Device as Device
    from .circuit import Node as Node
    from .circuit import Slice as Slice
    from .circuit.compile import CompiledCircuit as CompiledCircuit
    from .circuit.compile import compile_circuit as compile_circuit
    from .circuit.files import read_circuit as read_circuit
    from .circuit.files import write_circuit as write_circuit
    from .datasets import DATASETS as DATASETS
    from .datasets import Dataset as Dataset
    from .devices import DEVICES as DEVICES
    from .errors import CircuitError as CircuitError
    from .errors import ExportError as ExportError
    from .errors import RunError as RunError
    from .errors import SolveError as SolveError
    from .errors import StudioError as StudioError
    from .export import EXPORTERS as EXPORTERS
    from .export.importing import import_circuit as import_circuit
    from .export.model_weights import load_model as load_model
    from .export.netlist_import import read_netlist as read_netlist
    from .export.published import read_published as read_published
    from .export.spice import write_netlist as write_netlist
    from .export.verify import verify as verify
    from .models import MODELS as MODELS
    from .models import CircuitModel as CircuitModel
    from .models import Data as Data
    from .models import Model as Model
    from .models.circuits.estimators import KirchhoffClassifier as KirchhoffClassifier
    from .models.circuits.estimators import KirchhoffRegressor as KirchhoffRegressor
    from .models.circuits.layer import CircuitLayer as CircuitLayer
    from .runs import RunDirectory as RunDirectory
    from .runs import list_runs as list_runs
    from .runs import start_run as start_run
    from .runs.opening import open_run as open_run
    from .simulation.frequency_response import frequency_response as frequency_response
    from .simulation.operating_gradient import operating_gradient as operating_gradient
    from .simulation.operating_point import operating_point as operating_point
    from .simulation.simulate import adjoint as adjoint
    from .simulation.simulate import simulate as simulate
    from .simulation.steady_state import steady_state as steady_state
    from .simulation.trajectory import AdjointTrajectory as AdjointTrajectory
    from .simulation.trajectory import Trajectory as Trajectory
    from .solvers import SOLVERS as SOLVERS
    from .topologies import TOPOLOGIES as TOPOLOGIES
    from .training import TrainSpec as TrainSpec
    from .training.evaluate import evaluate as evaluate
    from .training.loop import train as train

_HOMES = {
    "circuit": ("GROUND", "Circuit", "Device", "Node", "Slice"),
    "circuit.files": ("read_circuit", "write_circuit"),
    "circuit.compile": ("CompiledCircuit", "compile_circuit"),
    "datasets": ("DATASETS", "Dataset"),
    "devices": ("DEVICES",),
    "errors": ("CircuitError", "ExportError", "RunError", "SolveError", "StudioError"),
    "models.circuits.estimators": ("KirchhoffClassifier", "KirchhoffRegressor"),
    "export": ("EXPORTERS",),
    "export.importing": ("import_circuit",),
    "export.model_weights": ("load_model",),
    "export.netlist_import": ("read_netlist",),
    "export.published": ("read_published",),
    "export.spice": ("write_netlist",),
    "export.verify": ("verify",),
    "models.circuits.layer": ("CircuitLayer",),
    "models": ("MODELS", "CircuitModel", "Data", "Model"),
    "runs": ("RunDirectory", "list_runs", "start_run"),
    "runs.opening": ("open_run",),
    "simulation.frequency_response": ("frequency_response",),
    "simulation.operating_gradient": ("operating_gradient",),
    "simulation.operating_point": ("operating_point",),
    "simulation.simulate": ("adjoint", "simulate"),
    "simulation.steady_state": ("steady_state",),
    "solvers": ("SOLVERS",),
    "topologies": ("TOPOLOGIES",),
    "training": ("TrainSpec",),
    "training.evaluate": ("evaluate",),
    "training.loop": ("train",),
    "simulation.trajectory": ("AdjointTrajectory", "Trajectory"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
__all__ = list(_HOME_OF)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'backend' has no attribute {name!r}")
    value = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value
