"""Trainings on a Ray cluster of this machine: curves of 1, 2 and 4 workers, a node that dies, cost.

    python -m benchmarks.ray_workers --json benchmarks/results/ray.json

Starts a head and two nodes on loopback addresses, trains every recipe in a local run and by 1, 2
and 4 workers, and compares all rows of their reports. Then kills the node of a run of two workers
while it trains and compares its rows with those of one worker that nobody disturbed. Seconds of an
epoch leave the first one out, in which kernels are loaded and helpers join.
"""

import argparse
import importlib.metadata
import itertools
import json
import os
import platform
import statistics
import tempfile
import time
from pathlib import Path

import torch

from backend.runs import reconcile, start_run, stop_run
from backend.training import TrainSpec
from backend.training.events import StepDone
from backend.training.gradients import of_batch
from backend.training.loop import Trainer
from backend.training.parts import Parts
from tests.ray_nodes import HEAD, NODES, Nodes

COMMON = {"threads": 1, "frame_interval": 0, "report_interval": 10**6}
RECIPES = {
    "KirchhoffNet, two moons": {
        "dataset": "two_moons", "dataset_options": {"n": 1024, "test": 100}, "epochs": 12},
    "FNO, heat equation": {
        "dataset": "heat", "model": "fno", "epochs": 4, "batch_size": 16,
        "dataset_options": {"n": 128, "test": 16, "validation": 16, "resolution": 64}},
}  # fmt: skip
WORKERS = (1, 2, 4)
SECONDS = 400.0


def ended(run, states=("done",), **fields):
    """The first status in one of the states with the fields."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        reconcile(run.home)
        status = run.status
        fits = all(status.get(name, 0) >= value for name, value in fields.items())
        if status["state"] in states and fits:
            return status
        if status["state"] in ("failed", "lost", "cancelled", "done"):
            break
        time.sleep(0.1)
    raise SystemExit(f"{run.id}: {run.status}\n{run.log()[-2000:]}")


def difference(rows, others):
    """The largest relative difference of any loss in rows of two runs, which must be as many."""
    names = [name for name in rows[0] if name.endswith("_loss")]
    return max(abs(a[name] - b[name]) / abs(a[name])
               for a, b in zip(rows, others, strict=True) for name in names)  # fmt: skip


def epoch_seconds(rows):
    """Median of what an epoch took, evaluation included."""
    times = [row["time"] for row in rows]
    return statistics.median(b - a for a, b in itertools.pairwise(times))


def trained(spec, home, *where):
    run = start_run(spec, home, *where)
    ended(run)
    return run.metrics()[0]


def compared(given, home, address):
    """Curves and seconds of one recipe."""
    spec = TrainSpec.make(**COMMON, **given)
    local = trained(spec, home)
    found = {count: trained(spec, home, "ray", {"address": address, "workers": count})
             for count in WORKERS}  # fmt: skip
    seconds = epoch_seconds(local)
    return {
        "epochs": spec.epochs,
        "batch_size": spec.batch_size,
        "largest_difference_from_1_worker": {
            str(count): difference(found[1], found[count]) for count in WORKERS[1:]},
        "largest_difference_of_1_worker_from_local": difference(local, found[1]),
        "seconds_an_epoch_local": round(seconds, 4),
        "times_local": {
            str(count): round(epoch_seconds(rows) / seconds, 2) for count, rows in found.items()},
    }  # fmt: skip


def cost_of_parts():
    """Processor time of an epoch in parts over one in whole batches, by batch size, here."""
    torch.set_num_threads(1)
    found = {}
    for size in (64, 256, 1024):
        spent = {}
        for how in (of_batch, Parts(), of_batch, Parts()):  # the first two load kernels
            given = {**COMMON, **RECIPES["KirchhoffNet, two moons"], "batch_size": size}
            given["dataset_options"] = {"n": 20 * size, "test": 100}
            trainer = Trainer(TrainSpec.make(**{**given, "epochs": 2}), gradients=how)
            began = time.process_time()
            steps = sum(isinstance(event, StepDone) for event in trainer.events())
            spent[how is of_batch] = (time.process_time() - began) / steps
        found[str(size)] = round(spent[False] / spent[True], 2)
    return found


def killed(nodes, home):
    """A run of two workers whose node dies."""
    given = {"dataset": "two_moons", "dataset_options": {"n": 1024, "test": 100}, "epochs": 10**5}
    spec = TrainSpec.make(**{**COMMON, **given, "report_interval": 4})
    run = start_run(spec, home, "ray", {"address": nodes.address, "workers": 2})
    status = ended(run, ("running",), step=200, working=2)
    nodes.kill(status["node"].split(" ")[0])
    began, at = time.monotonic(), run.status["step"]
    per_epoch = status["total"] // spec.epochs
    ended(run, ("running",), restarts=1)
    told = time.monotonic() - began
    ended(run, ("running",), restarts=1, step=at + 1)
    back = time.monotonic() - began
    stop_run(home, run.id)
    ended(run, ("cancelled",))
    rows = run.metrics()[0]
    again = next(line for line in run.log().splitlines() if line.startswith("goes on from step"))
    alone = start_run(spec, home, "ray", {"address": nodes.address, "workers": 1})
    ended(alone, ("running",), step=rows[-1]["step"] + 1)
    stop_run(home, alone.id)
    ended(alone, ("cancelled",))
    return {
        "step_when_killed": at,
        "step_of_the_checkpoint": int(again.split()[4]),
        "epochs_lost": round((at - int(again.split()[4])) / per_epoch, 2),
        "seconds_until_another_node_took_over": round(told, 1),
        "seconds_until_it_was_as_far_again": round(back, 1),
        "rows_compared": len(rows),
        "largest_difference": difference(rows, alone.metrics()[0][: len(rows)]),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    result = {
        "command": "python -m benchmarks.ray_workers --json benchmarks/results/ray.json",
        "machine": {"processors": os.cpu_count(), "load_at_the_beginning": os.getloadavg()[0],
                    "python": platform.python_version(),
                    **{name: importlib.metadata.version(name) for name in ("ray", "torch")}},
        "note": "All workers share the processors of one machine: times say what sharing costs, "
                "not what more machines gain; under load by others they are rough.",
        "processor_time_of_parts_by_batch_size": cost_of_parts(),
        "recipes": {},
    }  # fmt: skip
    with (
        tempfile.TemporaryDirectory(prefix="ks", ignore_cleanup_errors=True) as folder,
        tempfile.TemporaryDirectory() as home,
    ):
        nodes = Nodes(Path(folder))
        try:
            for name, recipe in RECIPES.items():
                result["recipes"][name] = compared(recipe, Path(home), nodes.address)
                written(result, given.json)
            result["killed_node"] = killed(nodes, Path(home))
            written(result, given.json)
        finally:
            for ip in (*NODES, HEAD):
                nodes.kill(ip)


def written(result, path):
    """All that is known so far; what takes long may be cut short."""
    print(json.dumps(result, indent=1), flush=True)
    if path:
        path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
