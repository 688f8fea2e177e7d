"""Circuits as normalising flows: likelihood, divergence and time against the published networks.

Run from the project's folder; rewrites its rows in ``benchmarks/results/flows.json``, so that an
interrupted run can be taken up again (one thread, about a minute a row and seed):

    .venv/bin/python -m benchmarks.flows [--seeds 0 1 2] [--only gen_circle potential1 time]

Every row trains the circuit of ``backend.models.flow_start`` with its recipe on fresh points and
judges it on 10,000 others, with 4 times finer steps. ``kl`` is the mean of log p(x) - log q(x) over
these points, paired, with p the exact density of the generator: unlike the likelihood it does not
depend on the luck of the draw. The published numbers are those of the authors' own checkpoints,
measured with fine steps on fresh points of the same generators; potentials are judged by
KL(q||p) = E[l + U] - (1 + log 2 pi) + log Z.
"""

import argparse
import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from backend.compile import compile_circuit
from backend.datasets import DATASETS, Generative, Potential
from backend.models.flow import LOG_2PI, Flow
from backend.models.flow_start import recipe, start

from .flows_peer import time_rows

RESULTS = Path(__file__).parent / "results" / "flows.json"
TEST_POINTS, TEST_SEED = 10_000, 777
BASE_POINTS = 100_000
ENTROPY_POINTS = 50_000
FINER = 4
NOTE = "every row says from how many seeds it is; the spread over points is kl_error"
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


class Average:
    """An exponential moving mean of parameters, quick at first."""

    def __init__(self, flow: Flow, factor: float) -> None:
        self.live = list(flow.parameters())
        self.mean = [p.detach().clone() for p in self.live]
        self.factor, self.count = factor, 0

    @torch.no_grad()
    def update(self) -> None:
        """Take in the present parameters."""
        self.count += 1
        weight = 1 - min(self.factor, self.count / (self.count + 9))
        for live, mean in zip(self.live, self.mean, strict=True):
            mean.lerp_(live, weight)

    @torch.no_grad()
    def apply(self) -> None:
        """Put the mean in place of the present parameters."""
        for live, mean in zip(self.live, self.mean, strict=True):
            live.copy_(mean)


def rate(step: int, settings: dict[str, Any]) -> float:
    """Share of the largest learning rate: up in a line, down in half a cosine."""
    done = step / settings["iterations"]
    warm = settings["warm_up"]
    if done < warm:
        return done / warm
    return 0.5 * (1 + math.cos(math.pi * (done - warm) / (1 - warm)))


def train(flow: Flow, settings: dict[str, Any], loss_of: Callable[[Flow], Tensor]) -> float:
    """Train in place; the CPU time it took [s]."""
    params = list(flow.parameters())
    optimiser = torch.optim.AdamW(
        params, betas=settings["betas"], weight_decay=settings["weight_decay"]
    )
    average = Average(flow, settings["average"])
    began = time.process_time()
    for step in range(settings["iterations"]):
        for group in optimiser.param_groups:
            group["lr"] = settings["learning_rate"] * rate(step, settings)
        optimiser.zero_grad()
        loss_of(flow).backward()
        torch.nn.utils.clip_grad_norm_(params, settings["gradient_clip"])
        optimiser.step()
        average.update()
    average.apply()
    return time.process_time() - began


def trained(dataset: Generative | Potential, seed: int) -> tuple[Flow, float]:
    """A flow by its recipe, and the CPU time of its training [s]."""
    settings = recipe(dataset)
    compiled = compile_circuit(start(dataset, settings, seed), torch.float32)
    flow = Flow(compiled, settings["steps"], settings["method"])
    generator = torch.Generator().manual_seed(seed + 1)
    batch = settings["batch_size"]
    if isinstance(dataset, Generative):
        return flow, train(
            flow, settings, lambda f: -f.log_prob(dataset.sample(batch, generator)).mean()
        )
    energy = dataset.energy
    return flow, train(
        flow, settings, lambda f: f.matching_loss(f.even_base(batch, generator), energy)
    )


@torch.no_grad()
def judge_density(dataset: Generative, flow: Flow) -> dict[str, float]:
    """Likelihood and divergence on points that no training has seen."""
    x = dataset.sample(TEST_POINTS, TEST_SEED)
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
def judge_match(dataset: Potential, flow: Flow) -> dict[str, float]:
    """The loss and KL(q||p) on many points of the base density, spread evenly by Sobol's points."""
    sobol = torch.quasirandom.SobolEngine(2, scramble=True, seed=TEST_SEED)
    z = torch.special.ndtri(sobol.draw(BASE_POINTS).double().clamp(1e-9, 1 - 1e-9))
    losses = [float(f.matching_loss(z, dataset.energy)) for f in (flow.finer(FINER), flow)]
    optimum = 1 + LOG_2PI - dataset.log_normaliser
    return {
        "loss": losses[0],
        "optimum": optimum,
        "kl": losses[0] - optimum,
        "solver_bias": losses[1] - losses[0],
    }


def run(name: str, seed: int) -> dict[str, Any]:
    """One training, judged."""
    dataset = DATASETS[name]()
    assert isinstance(dataset, Generative | Potential)
    flow, seconds = trained(dataset, seed)
    if isinstance(dataset, Generative):
        judged = judge_density(dataset, flow)
    else:
        judged = judge_match(dataset, flow)
    found = {"seed": seed, **_rounded(judged), "cpu_s": round(seconds, 1)}
    print(name, found, flush=True)
    return found


def row(name: str, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """What is said of a data set: the mean over the seeds, and what it is held against."""
    dataset = DATASETS[name]()
    settings = recipe(dataset)
    compiled = compile_circuit(start(dataset, settings, 0), torch.float32)
    keys = [key for key in runs[0] if key != "seed"]
    result = {
        "parameters": sum(p.numel() for p in compiled.parameters()),
        "published": PUBLISHED[name],
        "mean": _rounded({key: sum(found[key] for found in runs) / len(runs) for key in keys}),
        "seeds": len(runs),
        "runs": runs,
        "recipe": settings,
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
    parser.add_argument("--only", nargs="*", default=[*PUBLISHED, "time"])
    given = parser.parse_args()
    torch.set_num_threads(1)
    record = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    head = {"command": "python -m benchmarks.flows", "note": NOTE}
    record = {"time": [], "rows": {}, **record, **head}
    if "time" in given.only:
        record["time"] = time_rows()
    names = [name for name in given.only if name != "time"]
    # Seed after seed, so that an interrupted run has something to say of every data set.
    for seed in given.seeds:
        for name in names:
            runs = record["rows"].get(name, {}).get("runs", [])
            runs = [found for found in runs if found["seed"] != seed] + [run(name, seed)]
            record["rows"][name] = row(name, runs)
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
