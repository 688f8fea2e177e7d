"""Many people at once: browsers that edit and simulate, connections that stay open, and health.

    python benchmarks/clients.py --clients 50 --nodes 50 --open 300 --seconds 20

Starts a server of its own on loopback, lets every client turn one start voltage, ask for the
simulation with its adjoint and fetch the arrays, as a page does; waits as long as a page waits
between two edits, and asks for /api/health all the while. Writes `results/clients.json`.
"""

import argparse
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np

from backend.topologies import TOPOLOGIES

RESULT = Path(__file__).parent / "results" / "clients.json"
THINKING = 0.3  # s between an answer and the next question: the page's own delay after an edit


@contextmanager
def served(home):
    command = [sys.executable, "-m", "designer", "--port", "0", "--home", home]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            port = int(re.search(r":(\d+)/", process.stdout.readline())[1])
            yield port, process.pid
        finally:
            process.send_signal(signal.SIGINT)


def memory(pid, name):
    """A line of /proc/PID/status [MB]."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+)", text)[1]) / 1024


def asked(connection, method, path, body=None, page="", number=0):
    """Status and contents of one answer."""
    headers = {"Content-Type": "application/json"}
    if page:
        headers |= {"X-Page": page, "X-Asking": str(number)}
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


class Client(threading.Thread):
    """One page: edits, simulates, fetches, thinks."""

    def __init__(self, port, number, circuit, settings, end):
        super().__init__(daemon=True)
        self.port, self.number, self.settings, self.end = port, number, settings, end
        self.circuit = json.loads(json.dumps(circuit))
        self.times, self.failures, self.sizes = [], [], []

    def run(self):
        """Until the end: one edit after the other."""
        rng = np.random.default_rng(self.number)
        page = f"benchmark-page-{self.number}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        turn = 0
        while time.monotonic() < self.end:
            turn += 1
            self.circuit["nodes"][0]["voltage"] = float(rng.uniform(-1, 1))
            body = {"circuit": self.circuit, "settings": self.settings}
            begin = time.monotonic()
            status, said = asked(connection, "POST", "/api/sim", body, page, turn)
            if status == 200:
                status, said = asked(connection, "GET", json.loads(said)["url"])
                self.sizes.append(len(said))
            if status == 200:
                self.times.append(time.monotonic() - begin)
            else:
                self.failures.append(f"{status} {said[:120]!r}")
            time.sleep(THINKING)


class Health(threading.Thread):
    """Asks for /api/health four times a second, each time on a new connection."""

    def __init__(self, port, end):
        super().__init__(daemon=True)
        self.port, self.end, self.times = port, end, []

    def run(self):
        """Until the end: one look after the other."""
        while time.monotonic() < self.end:
            begin = time.monotonic()
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
            asked(connection, "GET", "/api/health")
            connection.close()
            self.times.append(time.monotonic() - begin)
            time.sleep(0.25)


def ready(port):
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        if json.loads(asked(connection, "GET", "/api/health")[1])["ready"]:
            return
        time.sleep(0.2)


def quantiles(times):
    if not times:
        return None
    p50, p95, p99 = np.quantile(times, [0.5, 0.95, 0.99]).round(3).tolist()
    return {"p50": p50, "p95": p95, "p99": p99, "max": round(max(times), 3), "count": len(times)}


def measure(options):
    made = TOPOLOGIES[options.topology](nodes=options.nodes).generate(0)
    circuit = made.to_dict()
    if not made.outputs:
        circuit["nodes"][-1]["role"] = "output"
    settings = {"adjoint": not options.forward}
    if options.solver:
        settings["solver"] = options.solver
    with tempfile.TemporaryDirectory() as home, ExitStack() as stack:
        port, pid = stack.enter_context(served(home))
        ready(port)
        warm = Client(port, 0, circuit, settings, time.monotonic() + 1.0)
        warm.run()
        for _ in range(options.open):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), 60))
        end = time.monotonic() + options.seconds
        clients = [Client(port, k, circuit, settings, end) for k in range(1, options.clients + 1)]
        health = Health(port, end)
        for thread in [health, *clients]:
            thread.start()
        for thread in [health, *clients]:
            thread.join()
        failures = [failure for client in clients for failure in client.failures]
        sizes = [size for client in clients for size in client.sizes]
        return {
            "command": " ".join(["python", "benchmarks/clients.py", *sys.argv[1:]]),
            "clients": options.clients,
            "nodes": options.nodes,
            "devices": made.device_count,
            "adjoint": not options.forward,
            "solver": options.solver or "default",
            "open_connections": options.open + options.clients,
            "seconds": quantiles([t for client in clients for t in client.times]),
            "health": quantiles(health.times),
            "answers_per_second": round(len(sizes) / options.seconds, 1),
            "kilobytes": round(float(np.mean(sizes)) / 1e3) if sizes else None,
            "failures": len(failures),
            "first_failures": failures[:3],
            "memory_mb": round(memory(pid, "VmHWM")),
            "cores": os.cpu_count(),
            "load_before": options.load,
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--nodes", type=int, default=50)
    parser.add_argument("--topology", default="small_world")
    parser.add_argument("--solver", default="")
    parser.add_argument("--forward", action="store_true", help="without the adjoint")
    parser.add_argument("--open", type=int, default=250, help="further connections that stay open")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--no-file", action="store_true", help="print only")
    options = parser.parse_args()
    options.load = round(os.getloadavg()[0], 1)
    result = measure(options)
    print(json.dumps(result, indent=2))
    if not options.no_file:
        known = json.loads(RESULT.read_text()) if RESULT.exists() else []
        known = [row for row in known if row["command"] != result["command"]]
        RESULT.write_text(json.dumps([*known, result], indent=2) + "\n")


if __name__ == "__main__":
    main()
