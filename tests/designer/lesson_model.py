"""A student's circuit computed by the library, to hold against what lessons say of it.

The browser computes the same figures from what the server sends, in float32 and by Kirchhoff's
current law; here they come from `backend.adjoint` in float64, and rates from differences in time.
"""

import copy
import json
import math
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from backend import Circuit, adjoint, simulate

ACTIONS = json.loads((Path(__file__).parents[1] / "golden" / "lesson_actions.json").read_text())
"""What a student does in every step of every lesson of the studio."""

OUTPUTS = 2001
NUMBERS = {
    "abs": abs, "sqrt": math.sqrt, "exp": math.exp, "tanh": math.tanh, "min": min, "max": max,
}  # fmt: skip
OPERATIONS = {
    "+": lambda x, y: x + y, "-": lambda x, y: x - y, "*": lambda x, y: x * y,
    "/": lambda x, y: x / y, "neg": lambda x: -x, "<": lambda x, y: x < y,
    "<=": lambda x, y: x <= y, ">": lambda x, y: x > y, ">=": lambda x, y: x >= y,
    "and": lambda *all_: all(all_), "or": lambda *all_: any(all_),
}  # fmt: skip


class Bench:
    """One circuit, how it is solved, and what is on show."""

    def __init__(self, circuit: dict[str, Any], setup: dict[str, Any]) -> None:
        self.circuit = Circuit.from_dict(copy.deepcopy(circuit)).to_dict()
        self.loss = setup.get("loss") or {"loss": "sum", "targets": {}}
        self.shown: dict[str, Any] = {"lane": "voltages", "mode": "build", "selected": [],
                                      "accuracy": 0.0, "epochs": 0, "epoch": math.nan}  # fmt: skip
        self.now: float | str = 0.0

    def changed(self) -> None:
        """The circuit is another one: solve it anew."""
        self.__dict__.pop("solved", None)

    @cached_property
    def solved(self):
        """Trajectory and adjoint."""
        circuit = Circuit.from_dict(self.circuit)
        if not circuit.outputs:
            return simulate(circuit, outputs=OUTPUTS), None
        return adjoint(circuit, outputs=OUTPUTS, **self.loss)

    # ---- the circuit -------------------------------------------------------------------------

    @property
    def duration(self) -> float:
        return sum(part["duration"] for part in self.circuit["slices"])

    @property
    def devices(self) -> list[dict[str, Any]]:
        return [device for part in self.circuit["slices"] for device in part["devices"]]

    def node(self, id: str) -> dict[str, Any]:
        return next(node for node in self.circuit["nodes"] if node["id"] == id)

    def device(self, id: str) -> dict[str, Any]:
        return next(device for device in self.devices if device["id"] == id)

    # ---- figures -----------------------------------------------------------------------------

    def at(self, time: float, column: np.ndarray) -> float:
        t = self.solved[0].t
        there = np.isfinite(column)
        return float(np.interp(time, t[there], column[there]))

    def volts(self, id: str) -> np.ndarray:
        trajectory = self.solved[0]
        return np.zeros_like(trajectory.t) if id == "gnd" else trajectory[id]

    def figure(self, name: str, given: list[Any]) -> float:
        if name in NUMBERS:
            return NUMBERS[name](*given)
        return float(getattr(self, f"_{name}")(*given))

    def _v(self, id, time):
        return self.at(time, self.volts(id))

    def _q(self, id, time):
        return self.node(id)["capacitance"] * self._v(id, time)

    def _rate(self, id, time):
        t = self.solved[0].t
        return self.at(time, np.gradient(self.volts(id), t, edge_order=2))

    def _lambda(self, id, time):
        back = self.solved[1]
        return self.at(time, back.voltages[:, self.solved[0].node_ids.index(id)])

    def _start(self, id):
        return self.node(id)["voltage"]

    def _capacitance(self, id):
        return self.node(id)["capacitance"]

    def _i(self, id, time):
        return self.at(time, self.solved[0][id])

    def _adjoint_current(self, id, time):
        back = self.solved[1]
        return self.at(time, back.currents[:, self.solved[0].device_ids.index(id)])

    def _heat(self, id):
        device, t = self.device(id), self.solved[0].t
        across = self.volts(device["source"]) - self.volts(device["target"])
        power = np.nan_to_num(self.solved[0][id] * across)
        return np.trapezoid(power, t)

    def _param(self, id, name):
        return self.device(id)["params"][name]

    def _gradient(self, id, name):
        return self.solved[1].gradient[name][self.solved[0].device_ids.index(id)]

    def _gathered(self, id, name, time):
        path = self.solved[1].gradient_path[name]
        return self.at(time, path[:, self.solved[0].device_ids.index(id)])

    def _energy(self, time):
        return sum(
            n["capacitance"] * self._v(n["id"], time) ** 2 / 2 for n in self.circuit["nodes"]
        )

    def _charge(self, time):
        return sum(self._q(node["id"], time) for node in self.circuit["nodes"])

    def _loss(self):
        return self.solved[1].loss

    def _nodes(self):
        return len(self.circuit["nodes"])

    def _devices(self, k=None):
        return len(self.devices if k is None else self.circuit["slices"][int(k) - 1]["devices"])

    def _slices(self):
        return len(self.circuit["slices"])

    def _duration(self, k=None):
        return self.duration if k is None else self.circuit["slices"][int(k) - 1]["duration"]

    def _connected(self, source, target):
        return sum(d["source"] == source and d["target"] == target for d in self.devices)

    def _time(self):
        return self.duration if self.now == "end" else self.now

    def _selected(self, id):
        return id in self.shown["selected"]

    def _lane(self, name):
        return self.shown["lane"] == name

    def _mode(self, name):
        return self.shown["mode"] == name

    def _playing(self):
        return False

    def _accuracy(self):
        return self.shown["accuracy"]

    def _epochs(self):
        return self.shown["epochs"]

    def _epoch(self):
        return self.shown["epoch"]

    # ---- conditions --------------------------------------------------------------------------

    def value(self, tree: dict[str, Any]) -> Any:
        if "n" in tree:
            return tree["n"]
        inner = tree.get("a", [])
        if "f" in tree:
            words = {"selected", "lane", "mode"}
            times = {} if tree["f"] in words else {"end": self.duration, "now": self._time()}
            given = [times.get(a["w"], a["w"]) if "w" in a else self.value(a) for a in inner]
            return self.figure(tree["f"], given)
        values = [self.value(one) for one in inner]
        if tree["o"] == "=":
            most = tree["within"] * (abs(values[1]) if tree["share"] else 1)
            return abs(values[0] - values[1]) <= most * (1 + 1e-9) + 1e-21
        return OPERATIONS[tree["o"]](*values)

    # ---- what a student does -----------------------------------------------------------------

    def do(self, action: dict[str, Any]) -> None:
        """One action of the fixture, as far as it changes what is computed or on show."""
        (name, given), *_ = action.items()
        done = getattr(self, f"do_{name}", None)
        if done:
            done(given)

    def do_device(self, given):
        id, _, value, name = given
        self.device(id)["params"][name] = float(value)
        self.shown["selected"] = [id]
        self.changed()

    def do_node(self, given):
        id, _, value, name = given
        self.node(id)[name] = float(value)
        self.shown["selected"] = [id]
        self.changed()

    def do_slice(self, given):
        k, value = given
        self.circuit["slices"][k - 1]["duration"] = float(value)
        self.changed()

    def do_connect(self, given):
        source, target, kind, params = given
        part = self.circuit["slices"][-1]["devices"]
        part.append({"id": "new", "kind": kind, "source": source, "target": target,
                     "params": params})  # fmt: skip
        self.changed()

    def do_select(self, id):
        self.shown["selected"] = [id]

    do_select_device = do_select

    def do_time(self, time):
        self.now = time

    def do_lane(self, name):
        self.shown["lane"] = name

    def do_mode(self, name):
        self.shown["mode"] = name

    def do_train(self, given):
        self.shown |= {"accuracy": 0.95, "epochs": given.get("epochs", 1)}

    def do_replay(self, epoch):
        self.shown["epoch"] = epoch


def circuit_of(lesson: dict[str, Any], name: str, service) -> dict[str, Any]:
    return lesson["circuits"].get(name) or service.gallery.load(name)[0]


def played(lesson: dict[str, Any], service):
    """Every step with its bench before and after what a student does there.

    Yields:
        step, its actions, the bench as it was set up, and the bench after the actions.
    """
    bench = None
    for step, actions in zip(lesson["steps"], ACTIONS[lesson["id"]], strict=True):
        setup = step.get("setup", {})
        if "open" in setup:
            bench = Bench(circuit_of(lesson, setup["open"], service), setup)
        assert bench
        if "loss" in setup:
            bench.loss = setup["loss"]
            bench.changed()
        bench.shown["selected"] = setup.get("select", bench.shown["selected"])
        for name in ("lane", "mode"):
            bench.shown[name] = setup.get(name, bench.shown[name])
        bench.now = setup.get("time", bench.now)
        before = copy.deepcopy(bench)
        for action in actions:
            bench.do(action)
        yield step, actions, before, bench
