"""Circuits as normalising flows: likelihood, divergence and time against the published networks.

Run from the project's folder; rewrites its rows in ``benchmarks/results/flows.json``, so that an
interrupted run can be taken up again (one thread, about a minute a row and seed):

    .venv/bin/python -m benchmarks.flows [--seeds 0 1 2] [--only gen_circle potential1 time]

A row is what ``kirchhoff train --dataset <its name> --set seed=<0, 1, 2>`` trains: the default
recipe, on fresh points. It is judged with 4 times finer steps on 10,000 other points, and
``solver_bias`` says how much better its own steps make it look. ``kl`` is the mean of
log p(x) - log q(x) over these points, paired, with p the exact density of the generator: unlike the
likelihood it does not depend on the luck of the draw. The published numbers are those of the
authors' own checkpoints, measured with fine steps on fresh points of the same generators;
potentials are judged by KL(q||p) = E[l + U] - (1 + log 2 pi) + log Z over 100,000 even points.

Recipes were chosen by divergences on other points than those of this table.
"""

import argparse
import json
import math
import statistics
import time
from pathlib import Path
from typing import Any

import torch

from backend.circuit.compile import compile_circuit
from backend.datasets import DATASETS, Generative, Potential
from backend.models.circuits import flow_start
from backend.models.circuits.flow import LOG_2PI, Flow
from backend.training import TrainSpec
from backend.training.loop import Trainer, trained_circuit

from .flows_digits import digit_rows
from .flows_peer import time_rows

RESULTS = Path(__file__).parent / "results" / "flows.json"
TEST_POINTS, TEST_SEED = 10_000, 777
BASE_POINTS = 100_000
ENTROPY_POINTS = 50_000
FINER = 4
NOTE = "mean and sd are over the seeds of the runs; kl_error is over the points of one run"
PUBLISHED: dict[str, dict[str, float]] = {
    "gen_two_moons": {"nll": 1.027, "kl": 0.037, "parameters": 1800},
    "gen_8gaussians": {"nll": 2.835, "kl": 0.017, "parameters": 3600},
    "gen_pinwheel": {"nll": 2.317, "parameters": 3600},
    "gen_swiss_roll": {"nll": 2.700, "kl": 0.035, "parameters": 3600},
    "gen_circle": {"nll": 0.837, "kl": 0.046, "parameters": 3600},
    "gen_two_spirals": {"nll": 2.665, "kl": 0.027, "parameters": 2880},
    "potential1": {"loss": 0.9686, "kl": 0.008, "parameters": 3840},
    "potential2": {"parameters": 1920},
}
"""Checkpoints: errors of the mean are .007 to .010 nats (likelihood), .003 to .009 (divergence)."""


def settings(name: str, seed: int, **options: str) -> TrainSpec:
    """The default recipe of a data set, without anything that only looks at it.

    Args:
        name: of the data set.
        seed: of the training.
        options: ``key=value`` texts that differ from the recipe.
    """
    plain = {"frame_interval": "0", "check_finer": "never", "threads": "1", "seed": str(seed)}
    return TrainSpec.from_options({"dataset": name, **plain, **options})


def trained(spec: TrainSpec) -> tuple[Flow, float]:
    """A flow by its recipe, and the CPU time of its training [s]."""
    trainer = Trainer(spec)
    began = time.process_time()
    for _ in trainer.events():
        pass
    seconds = time.process_time() - began
    circuit = trained_circuit(trainer.start, trainer.snapshot())
    return Flow(compile_circuit(circuit, torch.float32), spec.solver_options["steps"]), seconds


@torch.no_grad()
def judge_density(dataset: Generative, flow: Flow, seed: int) -> dict[str, float]:
    """Likelihood and divergence on points that no training has seen."""
    x = dataset.sample(TEST_POINTS, seed)
    exact = dataset.log_density(x)
    log_q = flow.finer(FINER).log_prob(x).double()
    coarse = flow.log_prob(x).double()
    gap = exact - log_q
    return {
        "nll": float(-log_q.mean()),
        "kl": float(gap.mean()),
        "kl_error": float(gap.std() / math.sqrt(len(x))),
        "exact_nll": float(-exact.mean()),
        "solver_bias": float((log_q - coarse).mean()),
    }


@torch.no_grad()
def judge_match(dataset: Potential, flow: Flow, seed: int) -> dict[str, float]:
    """The loss and KL(q||p) on many points of the base density, spread evenly by Sobol's points.

    ``kl_error`` is the standard error that as many independent draws would have, and so a bound.
    """
    sobol = torch.quasirandom.SobolEngine(2, scramble=True, seed=seed)
    z = torch.special.ndtri(sobol.draw(BASE_POINTS).double().clamp(1e-9, 1 - 1e-9)).float()
    losses = flow.finer(FINER).matching_losses(z, dataset.energy).double()
    loss = float(losses.mean())
    coarse = float(flow.matching_losses(z, dataset.energy).double().mean())
    optimum = 1 + LOG_2PI - dataset.log_normaliser
    return {
        "loss": loss,
        "optimum": optimum,
        "kl": loss - optimum,
        "kl_error": float(losses.std() / math.sqrt(BASE_POINTS)),
        "solver_bias": coarse - loss,
    }


def judged(name: str, seed: int, spec: TrainSpec, judge_seed: int = TEST_SEED) -> dict[str, Any]:
    """One training, judged."""
    dataset = DATASETS[name]()
    flow, seconds = trained(spec)
    if isinstance(dataset, Generative):
        found = judge_density(dataset, flow, judge_seed)
    else:
        assert isinstance(dataset, Potential)
        found = judge_match(dataset, flow, judge_seed)
    found = {"seed": seed, **_rounded(found), "cpu_s": round(seconds, 1)}
    print(name, found, flush=True)
    return found


def row(name: str, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """What is said of a data set: mean and spread over the seeds, and what it is held against."""
    dataset = DATASETS[name]()
    spec = settings(name, 0)
    columns = {key: [found[key] for found in runs] for key in runs[0] if key != "seed"}
    result = {
        "command": f"kirchhoff train --dataset {name} --set seed={runs[0]['seed']}",
        "parameters": sum(value.numel() for value in Trainer(spec).model.parameters()),
        "published": PUBLISHED[name],
        "mean": _rounded({key: statistics.fmean(values) for key, values in columns.items()}),
        "sd": _rounded({key: statistics.stdev(v) for key, v in columns.items() if len(v) > 1}),
        "seeds": len(runs),
        "runs": runs,
        "recipe": {**flow_start.recipe(dataset.data), "model_options": spec.model_options},
    }
    if isinstance(dataset, Generative):
        value, error = dataset.entropy(ENTROPY_POINTS)
        result["entropy"] = _rounded({"value": value, "error": error})
        if PUBLISHED[name]["nll"] < value:
            result["remark"] = (
                "the published likelihood lies below the exact entropy, by the luck of its points; "
                "only the divergence can decide"
            )
    return result


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {key: round(value, 5) for key, value in values.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--only", nargs="*", default=[*PUBLISHED, "digits", "time"])
    given = parser.parse_args()
    torch.set_num_threads(1)
    record = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    head = {"command": "python -m benchmarks.flows", "note": NOTE}
    record = {"time": [], "rows": {}, **record, **head}
    if "time" in given.only:
        record["time"] = time_rows()
    if "digits" in given.only:
        record["digits"] = digit_rows()
    names = [name for name in given.only if name in PUBLISHED]
    # Seed after seed, so that an interrupted run has something to say of every data set.
    for seed in given.seeds:
        for name in names:
            runs = record["rows"].get(name, {}).get("runs", [])
            runs = [found for found in runs if found["seed"] != seed]
            runs.append(judged(name, seed, settings(name, seed)))
            record["rows"][name] = row(name, sorted(runs, key=lambda found: found["seed"]))
            write(record)
    write(record)


def write(record: dict[str, Any]) -> None:
    """Put the table in place at once, never half of it."""
    text = json.dumps(record, indent=1) + "\n"
    draft = RESULTS.with_suffix(".part")
    draft.write_text(text)
    draft.replace(RESULTS)


if __name__ == "__main__":
    main()
