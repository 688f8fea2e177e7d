"""The most memory a server takes when everybody asks for the largest things at the same time.

python -m benchmarks.largest_requests --json benchmarks/results/largest_requests.json

Each kind of request is first sent alone, then all of them again and again from many connections at
once, some of which read their answers as slowly as a bad line does. Measured is the peak of the
memory of the server and of the process that reads files for it, and how long /api/health took
meanwhile. Every request is one that the server allows, or would allow with a little less.
"""

import argparse
import http.client
import io
import json
import os
import platform
import socket
import sys
import tempfile
import threading
import time
import zipfile
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import cycle
from multiprocessing import Queue, get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from backend.circuit import Circuit
from backend.circuit.budget import fitting_steps
from benchmarks.clients import memory, quantiles, ready, served

COMMAND = "python -m benchmarks.largest_requests --json benchmarks/results/largest_requests.json"
JSON = {"Content-Type": "application/json"}
PATIENCE = 300
MEBIBYTE = 2**20


@dataclass(frozen=True)
class Ask:
    """A request: where it goes and what it brings."""

    method: str
    path: str
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=lambda: dict(JSON))
    slow: bool = False


def random_circuit(nodes: int, devices: int, output: bool = True, law: str = "tanh") -> dict:
    """A circuit with spread capacitances and conductances; the last node may be an output."""
    rng = np.random.default_rng(nodes + devices)
    params = {"tanh": ("a", "b", "c"), "resistor": ("conductance",)}[law]
    listed = [
        {"id": f"n{k}", "capacitance": float(10 ** rng.uniform(-3, 0)), "voltage": 0.1}
        for k in range(nodes)
    ]
    if output:
        listed[-1]["role"] = "output"
    ends = rng.integers(0, nodes, (devices, 2))
    ends[:, 1] = np.where(ends[:, 0] == ends[:, 1], (ends[:, 1] + 1) % nodes, ends[:, 1])
    parts = [
        {
            "id": f"d{k}",
            "kind": law,
            "source": f"n{a}",
            "target": f"n{b}",
            "params": {name: round(float(rng.uniform(0.1, 1)), 3) for name in params},
        }
        for k, (a, b) in enumerate(ends.tolist())
    ]
    return {
        "format": "kirchhoff-circuit/1",
        "name": "large",
        "nodes": listed,
        "slices": [{"duration": 1.0, "devices": parts}],
    }


def post(path: str, content: Any, **more: Any) -> Ask:
    return Ask("POST", path, json.dumps(content).encode(), **more)


def solves() -> dict[str, Ask]:
    """Solves that keep as much as fits."""
    wide, dense = random_circuit(1500, 4000), random_circuit(2200, 6000, law="resistor")
    steps = fitting_steps(Circuit.from_dict(wide), adjoint=True)
    kept = {"solver": "rk4", "steps": 9 * steps // 10, "outputs": 201, "adjoint": True}
    far = {"adjoint": False, "outputs": 5001}
    return {
        "many kept steps": post("/api/sim", {"circuit": wide, "settings": kept}),
        "many outputs": post("/api/sim", {"circuit": wide, "settings": {**far, "solver": "rk4"}}),
        "a dense implicit solve": post(
            "/api/sim", {"circuit": dense, "settings": {"solver": "rodas4", "adjoint": False}}
        ),
        "the default, stiff": post("/api/sim", {"circuit": dense, "settings": {"adjoint": True}}),
    }


def bodies() -> dict[str, Ask]:
    """As much JSON as is read at once."""
    large = json.dumps({"circuit": random_circuit(2000, 30000), "to": "spice"})
    brackets = b'{"circuit": ' + b"[" * 20 + b"{}," * (4_000_000 // 3) + b"0" + b"]" * 20 + b"}"
    return {
        "keep a large circuit": Ask("POST", "/api/circuits", large.encode()),
        "check a large circuit": Ask("POST", "/api/circuits/check", large.encode()),
        "export a large circuit": Ask("POST", "/api/export", large.encode()),
        "four megabytes of objects": Ask("POST", "/api/circuits", brackets),
        "objects for a training": Ask("POST", "/api/runs", brackets),
        "objects for a callback": Ask("POST", "/_dash-update-component", brackets),
        "parallel devices": post("/api/flow", {"circuit": parallel_devices()}),
    }


def parallel_devices() -> dict:
    """Two nodes with as many devices between them as a body holds."""
    found = random_circuit(2, 30000, output=False)
    for node in found["nodes"]:
        node["role"] = "both"
    return found


def files() -> dict[str, Ask]:
    """Files as large as are taken, and looks at them."""
    rng = np.random.default_rng(0)
    whole = ",".join(f"c{k}" for k in range(64)) + "\n"
    rows = rng.integers(0, 10, (480_000, 64)).astype("U1")
    table = whole + "\n".join(map(",".join, rows)) + "\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for k in range(300):
            picture = io.BytesIO()
            Image.fromarray(rng.integers(0, 255, (256, 256, 3), np.uint8)).save(picture, "PNG")
            archive.writestr(f"folder/{'ab'[k % 2]}/{k}.png", picture.getvalue())
    netlist = "* large\n" + "\n".join(
        [f"C{k} n{k} 0 1u" for k in range(3000)]
        + [f"R{k} n{k % 3000} n{(k * 7 + 1) % 3000} {k % 90 + 1}k" for k in range(1_500_000)]
    )
    plain = {"Content-Type": "application/octet-stream"}
    return {
        "send a table": Ask(
            "POST", "/api/datasets/csv/files", table.encode(), {**plain, "X-Filename": "t.csv"}
        ),
        "look at a table": post("/api/datasets/csv/preview", {"options": {"path": "t.csv"}}),
        "train on a table": post(
            "/api/runs",
            {"dataset": "csv", "dataset_options": {"path": "nowhere.csv"}, "epochs": 1},
        ),
        "send pictures": Ask(
            "POST", "/api/datasets/image_folder/files", packed.getvalue(),
            {**plain, "X-Filename": "p.zip"},
        ),
        "look at pictures": post(
            "/api/datasets/image_folder/preview",
            {"options": {"path": "p", "rows": 256, "columns": 256, "colour": True}},
        ),
        "open a netlist": Ask(
            "POST", "/api/import", netlist.encode(), {**plain, "X-Filename": "large.cir"}
        ),
        "generate": post(
            "/api/generate", {"topology": "fully_connected", "params": {"nodes": 999}}
        ),
    }  # fmt: skip


def answered(port: int, ask: Ask) -> tuple[int, bytes]:
    """Status and contents of one answer; a slow reader takes 64 kB ten times a second."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        if ask.slow:
            connection.connect()
            assert connection.sock
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        connection.request(ask.method, ask.path, ask.body, ask.headers)
        answer = connection.getresponse()
        if not ask.slow:
            return answer.status, answer.read()
        while answer.read(65536):
            time.sleep(0.1)
        return answer.status, b""


def stored_results(port: int, count: int) -> list[Ask]:
    """Addresses of large results, for readers with a slow line."""
    found = []
    circuit = random_circuit(1500, 4000)
    for k in range(count):
        circuit["nodes"][0]["voltage"] = 0.01 * k
        settings = {"solver": "rk4", "steps": 20, "adjoint": False, "outputs": 5001}
        status, said = answered(port, post("/api/sim", {"circuit": circuit, "settings": settings}))
        assert status == 200, said
        found.append(Ask("GET", json.loads(said)["url"], None, {}, slow=True))
    return found


class Crowd:
    """Connections that ask for one thing after the other until the end."""

    def __init__(self, port: int, asks: dict[str, Ask]) -> None:
        self.port, self.asks = port, asks
        self.said: dict[str, Counter[str]] = {name: Counter() for name in asks}

    def work(self, names: list[str], end: float) -> None:
        """Ask for these in turn."""
        for name in cycle(names):
            if time.monotonic() > end:
                return
            try:
                status = str(answered(self.port, self.asks[name])[0])
            except OSError as error:
                status = type(error).__name__
            self.said[name][status] += 1

    def run(self, connections: int, seconds: float) -> None:
        """All at once, each beginning elsewhere."""
        names = list(self.asks)
        end = time.monotonic() + seconds
        threads = []
        for k in range(connections):
            begin = k % len(names)
            turned = names[begin:] + names[:begin]
            threads.append(threading.Thread(target=self.work, args=(turned, end), daemon=True))
        started(threads)


def started(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * PATIENCE)


class Held:
    """The most memory that a server and the process beside it held at the same time [MB].

    Trainings and ngspice are programs of their own and not counted.
    """

    def __init__(self, pid: int) -> None:
        self.pid, self.peak = pid, 0.0
        threading.Thread(target=self._watch, daemon=True).start()

    def now(self) -> float:
        """Their memory at this moment, pages of libraries that both use counted twice."""
        pids = [self.pid]
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            pids += map(int, (task / "children").read_text().split())
        total = 0.0
        for pid in pids:
            with suppress(OSError, TypeError):
                command = Path(f"/proc/{pid}/cmdline").read_bytes()
                if pid == self.pid or b"file_process" in command:
                    total += memory(pid, "VmRSS")
        return total

    def _watch(self) -> None:
        while True:
            with suppress(OSError):
                self.peak = max(self.peak, self.now())
            time.sleep(0.05)


def looked(port: int, over: Event, found: Queue) -> None:
    """Ask for /api/health until the end, in a process that the crowd does not keep waiting."""
    times = []
    while not over.is_set():
        begin = time.monotonic()
        answered(port, Ask("GET", "/api/health", None, {}))
        times.append(time.monotonic() - begin)
        time.sleep(0.25)
    found.put(times)


def measure(connections: int, seconds: float) -> dict[str, Any]:
    """Every kind alone, then all together."""
    asks = {**solves(), **bodies(), **files()}
    with tempfile.TemporaryDirectory() as home, served(home) as (port, pid):
        ready(port)
        held = Held(pid)
        result: dict[str, Any] = {"at_rest_mb": round(held.now()), "alone": {}}
        for name, ask in asks.items():
            begin = time.monotonic()
            status, said = answered(port, ask)
            result["alone"][name] = {
                "status": status,
                "seconds": round(time.monotonic() - begin, 1),
                "peak_mb_until_here": round(held.peak),
                "sent_mb": round(len(ask.body or b"") / MEBIBYTE, 1),
                **({} if status < 300 else {"said": said.decode(errors="replace")[:200]}),
            }
            print(name, result["alone"][name], flush=True)
        slow = {f"slow reader {k}": ask for k, ask in enumerate(stored_results(port, 20))}
        crowd = Crowd(port, {**asks, **slow})
        context = get_context("spawn")
        over, found = context.Event(), context.Queue()
        watch = context.Process(target=looked, args=(port, over, found), daemon=True)
        watch.start()
        crowd.run(connections, seconds)
        over.set()
        times = found.get()
        watch.join()
        together = Counter()
        for counts in crowd.said.values():
            together.update(counts)
        result["together"] = {
            "connections": connections,
            "seconds": seconds,
            "statuses": dict(together),
            "by_request": {name: dict(counts) for name, counts in crowd.said.items()},
            "health": quantiles(times),
            "peak_mb": round(held.peak),
            "of_the_server_alone_mb": round(memory(pid, "VmHWM")),
        }
    return result


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, help="file to write")
    parser.add_argument("--connections", type=int, default=120)
    parser.add_argument("--seconds", type=float, default=60.0, help="that everybody asks for")
    options = parser.parse_args()
    result = {
        "command": " ".join(["python -m benchmarks.largest_requests", *sys.argv[1:]]),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        **measure(options.connections, options.seconds),
    }
    text = json.dumps(result, indent=1)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
