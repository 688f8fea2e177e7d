"""Requests of every route and callback, made strange, through Flask's test client."""

import json
import logging
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from designer.app import create_app
from designer.config import Config

from . import mutations
from .readers import GOLDEN, PLAIN, TABLE

PAIR = {
    "format": "kirchhoff-circuit/1", "name": "pair",
    "nodes": [{"id": "a", "voltage": 1.0, "capacitance": 1.0, "role": "both", "x": 0, "y": 0},
              {"id": "b", "role": "both", "label": "out"}],
    "slices": [{"duration": 1.0, "devices": [
        {"id": "d1", "kind": "resistor", "source": "a", "target": "b",
         "params": {"conductance": 1}},
        {"id": "d2", "kind": "tanh", "source": "b", "target": "gnd",
         "params": {"a": 1, "b": 0.5}},
        {"id": "d3", "kind": "diode", "source": "b", "target": "gnd"}]}],
}  # fmt: skip
SETTINGS = {
    "solver": "dopri5", "rtol": 1e-5, "atol": 1e-8, "outputs": 11, "adjoint": True, "loss": "mse",
    "targets": {"b": 0.5}, "gradient": "discrete",
}  # fmt: skip
FIXED = {"solver": "rk4", "steps": 20, "outputs": 5, "adjoint": True, "loss": "sum"}
PLACES = (
    "x", "..", "%2e%2e%2fx", "%00", "a" * 300, "9" * 5000, "9" * 5000 + ".bin", "-1", "1e5",
    "%ff%fe", "%F0%9F%92%A9", "", "example-mnist", "two_moons", "example-..%2f..%2fx", "nan", "0",
)  # fmt: skip

# The circuit of a run is a path that is not there, so that no training starts.
POSTS: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/api/sim", {"circuit": PAIR, "settings": SETTINGS}),
    ("POST", "/api/sim", {"circuit": PAIR, "settings": FIXED}),
    ("POST", "/api/flow", {"circuit": PAIR}),
    ("POST", "/api/portraits", {"circuit": PAIR}),
    ("POST", "/api/curve", {"kind": "tanh", "params": {"a": 1, "b": 0, "c": 0}, "low": -1,
                            "high": 1, "points": 11, "v_d": 0.5}),
    ("POST", "/api/nudge", {"circuit": PAIR, "settings": FIXED, "node": "a", "time": 0.5,
                            "size": 0.01}),
    ("POST", "/api/gradient-check", {"circuit": PAIR, "settings": FIXED, "device": "d1",
                                     "param": "conductance"}),
    ("POST", "/api/operating-point", {"circuit": PAIR}),
    ("POST", "/api/frequency-response", {"circuit": PAIR, "source": "a", "nodes": ["b"],
                                         "low": 1, "high": 9, "points": 3}),
    ("POST", "/api/circuits", {"circuit": PAIR, "id": "kept"}),
    ("PUT", "/api/circuits/kept", {"circuit": PAIR, "revision": 1, "client": "c"}),
    ("POST", "/api/circuits/check", {"circuit": PAIR}),
    ("POST", "/api/generate", {"topology": "ring", "seed": 1,
                               "params": {"nodes": 6, "kind": "tanh"}}),
    ("POST", "/api/export", {"circuit": PAIR, "to": "spice", "dialect": "xyce", "options": {}}),
    ("POST", "/api/export", {"circuit": PAIR, "to": "safetensors"}),
    ("POST", "/api/runs", {"dataset": "two_moons", "epochs": 1, "circuit": "/nowhere/at/all.json",
                           "solver_options": {"steps": 4}}),
    ("POST", "/api/datasets/two_moons/preview", {"options": {"noise": 0.1, "seed": 1}}),
    ("POST", "/api/datasets/csv/preview", {"options": {"path": "table.csv", "target": "price"}}),
)  # fmt: skip
GETS = (
    "/api/health", "/api/registry", "/api/circuits", "/api/circuits/kept", "/api/gallery",
    "/api/gallery/rc-pair", "/api/sim/0123456789abcdef.bin", "/api/datasets/csv/files", "/api/runs",
    "/api/runs/none", "/api/runs/none/metrics?after=0", "/api/runs/none/frames",
    "/api/runs/none/frames/3.bin", "/api/runs/none/circuit", "/api/runs/table?after=x",
    "/api/runs/none/live?known=0", "/api/runs/none/outcomes/3", "/_dash-layout", "/api/nothing",
)  # fmt: skip


class Heard(logging.Handler):
    """The tracebacks that the server wrote to its log."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.last = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the place of an unexpected error."""
        if record.exc_info and record.exc_info[1]:
            self.last = described(record.exc_info[1])


def described(error: BaseException) -> str:
    """Kind and innermost place of an error."""
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    where = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else "?"
    return f"{type(error).__name__} in {where}: {str(error)[:120]}"


@dataclass
class Visitor:
    """Sends requests to a studio of its own.

    Args:
        home: its folder.
    """

    home: Path
    heard: Heard = field(default_factory=Heard)

    def __post_init__(self) -> None:
        self.app = create_app(Config(home=self.home))
        for name in ("kirchhoff", "designer"):
            logging.getLogger(name).addHandler(self.heard)
            logging.getLogger(name).propagate = False
        self.client = self.app.server.test_client()
        self.client.environ_base["HTTP_HOST"] = "127.0.0.1:8050"
        self.client.get("/_dash-dependencies")
        self.callbacks = [
            self._asked(name, known)
            for name, known in self.app.callback_map.items()
            if "callback" in known
        ]
        for method, path, body in POSTS:  # the first of each imports what the others use
            self.client.open(path, method=method, json=body)
        self.golden = (GOLDEN / "every_kind.json").read_bytes()

    def visit(self, rng: Random) -> tuple[str, int, str]:
        """One request: what was asked, the status, and the place of a traceback or nothing."""
        self.heard.last = ""
        what = rng.random()
        if what < 0.2:
            method, path, body = "POST", "/_dash-update-component", rng.choice(self.callbacks)
        elif what < 0.35:
            method, path, body = "GET", rng.choice(GETS), None
        elif what < 0.45:
            return self._file(rng)
        else:
            method, path, body = rng.choice(POSTS)
        if rng.random() < (0.1 if body else 0.6):
            parts = path.split("/")
            parts[-1 if len(parts) < 4 else rng.randrange(2, len(parts))] = rng.choice(PLACES)
            path = "/".join(parts)
        data = None if body is None else mutations.of_json(rng, body)
        kind = rng.choice(("application/json",) * 9 + ("text/plain",))
        answer = self.client.open(path, method=method, data=data, content_type=kind)
        return f"{method} {path[:60]}", answer.status_code, self._found(answer.status_code)

    def _file(self, rng: Random) -> tuple[str, int, str]:
        """A file that is opened or sent as data."""
        name, data = rng.choice((
            ("a.json", self.golden), ("a.cir", PLAIN.encode()), ("table.csv", TABLE.encode()),
        ))  # fmt: skip
        route = "/api/import" if rng.random() < 0.6 else "/api/datasets/csv/files"
        name = rng.choice((name, name, "%00", "", "x" * 400, "%ff.csv", "..%2fa.csv"))
        sent = mutations.of_bytes(rng, data)
        answer = self.client.post(route, data=sent, headers={"X-Filename": name})
        return f"POST {route}", answer.status_code, self._found(answer.status_code)

    def _found(self, status: int) -> str:
        return self.heard.last or (f"status {status}" if status in (500, 502) else "")

    def _asked(self, name: str, known: Any) -> dict[str, Any]:
        outputs = known["output"] if isinstance(known["output"], list) else [known["output"]]
        values = {"doc-out": {"id": "a", "revision": 1, "circuit": PAIR}, "theme-out": "dark"}
        body = {
            "output": name,
            "outputs": [{"id": o.component_id, "property": o.component_property} for o in outputs],
            "changedPropIds": [f"{e['id']}.{e['property']}" for e in known["inputs"][:1]],
        }
        for part in ("inputs", "state"):
            body[part] = [{**entry, "value": values.get(entry["id"])} for entry in known[part]]
        return json.loads(json.dumps(body))
