"""KirchhoffNet's shipped recipe for numbers against other regressors, by test error.

Run from the project's folder; writes ``benchmarks/results/regression.json`` row by row, and leaves
rows that are there (one thread, minutes; remove the file to begin anew):

    OMP_NUM_THREADS=1 .venv/bin/python -m benchmarks.regression

All models see the same examples, scaled to 0 V to 1 V. The split is the data set's own and fixed;
seeds decide first parameters, order of examples and, for trees, the subsamples. Peers get the
best settings of their grid by cross-validation within the training set, for every data set anew;
KirchhoffNet gets the same recipe everywhere. The test set takes part in no choice: every figure
is that of the last epoch.
"""

import argparse
import json
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import KFold

from backend.datasets import DATASETS
from backend.datasets.tables.regression import Regression
from backend.training import Evaluated, TrainSpec
from backend.training.loop import Trainer

from .regression_peers import AUGMENTED, GRIDS, STEPS, parameter_count, peer

RESULTS = Path(__file__).parent / "results" / "regression.json"
FOLDS = 4
ENOUGH = 500
"""With so many examples held out a single fold says enough."""

Run = dict[str, float]
Pair = tuple[np.ndarray, np.ndarray]


def kirchhoffnet(name: str, seed: int, **settings: Any) -> Run:
    """One training with the shipped recipe: test error, parameters and CPU time of the training."""
    spec = TrainSpec.make(
        dataset=name, seed=seed, frame_interval=0, check_finer="never", **settings
    )
    trainer = Trainer(spec)
    began = time.process_time()
    rows = [event.figures for event in trainer.events() if isinstance(event, Evaluated)]
    seconds = time.process_time() - began
    parameters = sum(p.numel() for p in trainer.model.parameters())
    return {"mse": rows[-1]["test_mse"], "parameters": parameters, "seconds": seconds}


def fitted(
    name: str, settings: dict[str, Any], seed: int, parameters: int, train: Pair, test: Pair
) -> Run:
    """One training of a peer."""
    model = peer(name, settings, seed, parameters)
    began = time.process_time()
    with warnings.catch_warnings():
        # Its number of epochs is a setting here, not a failure to converge.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(*train)
    seconds = time.process_time() - began
    mse = float(np.mean((model.predict(test[0]) - test[1]) ** 2))
    return {"mse": mse, "parameters": parameter_count(model), "seconds": seconds}


def chosen(name: str, parameters: int, train: Pair) -> dict[str, Any]:
    """The settings of a peer's grid with the least error on held-out parts of the training set."""
    x, y = train
    folds = list(KFold(FOLDS, shuffle=True, random_state=0).split(x))
    folds = folds[:1] if len(x) >= FOLDS * ENOUGH else folds

    def error(settings: dict[str, Any]) -> float:
        runs = [
            fitted(name, settings, 0, parameters, (x[kept], y[kept]), (x[held], y[held]))
            for kept, held in folds
        ]
        return float(np.mean([run["mse"] for run in runs]))

    return min(GRIDS[name], key=error)


def row(runs: list[Run], dataset: Regression, spread: float) -> dict[str, float | int]:
    """Mean and standard deviation over seeds; `spread` is the scaled test targets' variance."""
    mse = np.array([run["mse"] for run in runs])
    unit = float(dataset.scalings()[1].range[0]) ** 2
    deviation = float(mse.std(ddof=1)) if len(runs) > 1 else 0.0
    return {
        "mse_scaled": float(mse.mean()),
        "mse_scaled_std": deviation,
        "mse_original": float(mse.mean()) * unit,
        "mse_original_std": deviation * unit,
        "r2": 1 - float(mse.mean()) / spread,
        "parameters": round(float(np.mean([run["parameters"] for run in runs]))),
        "cpu_seconds": round(float(np.mean([run["seconds"] for run in runs])), 3),
        "seeds": len(runs),
    }


def recipe_of(name: str) -> dict[str, Any]:
    """What matters of the shipped recipe."""
    spec = TrainSpec.make(dataset=name)
    keys = ("epochs", "batch_size", "learning_rate", "weight_decay", "ema", "solver")
    recipe = {key: getattr(spec, key) for key in keys}
    return {
        **recipe,
        "steps": spec.solver_options["steps"],
        "hidden": spec.model_options["hidden"],
    }


def measure(name: str, seeds: int, found: dict[str, Any]) -> Iterator[None]:
    """Fill `found` with all models' rows on one data set, or why there are none."""
    dataset = DATASETS[name]()
    assert isinstance(dataset, Regression)
    if sentence := dataset.missing():
        print(f"left out: {sentence}", flush=True)
        found["left_out"] = "the table has to be downloaded and was not there"
        yield
        return
    found.pop("left_out", None)
    split = dataset.split()
    train = (split.train.x.numpy(), split.train.y[:, 0].numpy())
    test = (split.test.x.numpy(), split.test.y[:, 0].numpy())
    spread = float(test[1].var())
    found |= {"train": len(train[0]), "test": len(test[0])}
    models = found.setdefault("models", {})
    for model in ("KirchhoffNet", *GRIDS):
        if model in models:
            continue
        if model == "KirchhoffNet":
            settings = recipe_of(name)
            runs = [kirchhoffnet(name, seed) for seed in range(seeds)]
        else:
            parameters = models["KirchhoffNet"]["parameters"]
            settings = chosen(model, parameters, train)
            count = 1 if model == "Ridge" else seeds  # it has no random numbers
            runs = [fitted(model, settings, seed, parameters, train, test) for seed in range(count)]
        models[model] = {**row(runs, dataset, spread), "settings": settings}
        shown = models[model]
        print(
            f"{name:10} {model:26} {shown['mse_scaled']:.5f} ± {shown['mse_scaled_std']:.5f}  "
            f"{shown['mse_original']:.4g} ± {shown['mse_original_std']:.2g}  r2 {shown['r2']:.4f}  "
            f"{shown['parameters']} parameters  {shown['cpu_seconds']} s  {settings}",
            flush=True,
        )
        yield


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--datasets", nargs="+", default=["diabetes", "friedman1", "california"])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--json", type=Path, default=RESULTS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    known = json.loads(options.json.read_text()) if options.json.is_file() else {}
    record = {
        "command": "OMP_NUM_THREADS=1 python -m benchmarks.regression",
        "versions": {"torch": torch.__version__, "scikit-learn": sklearn.__version__},
        "choice": "peers: best of their grid by cross-validation within the training set; "
        "KirchhoffNet: one recipe for all data sets, settled within training sets",
        "neural_ode": {"zeros_added": AUGMENTED, "solver": "rk4", "steps": STEPS},
        "parameters": "of GradientBoostingRegressor: nodes of all trees",
        "cpu_seconds": "of one training on one thread of a shared machine, choice not included; "
        "KirchhoffNet's include a test after every epoch",
        "datasets": known.get("datasets", {}),
    }
    for name in options.datasets:
        for _ in measure(name, options.seeds, record["datasets"].setdefault(name, {})):
            options.json.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
