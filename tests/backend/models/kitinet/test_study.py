"""What the study of KITINet trains and concludes, and that its controls are what they say."""

import pytest
import torch
from scipy.stats import ttest_rel

from backend.models import Data, Shape
from backend.models.kitinet import Map
from backend.params import check_params
from benchmarks.kinetic_controls import DroppedStep, KineticControl, NoisyStep
from benchmarks.kitinet_arms import ARMS, Preset, Task
from benchmarks.kitinet_jobs import CHOICE_SEED, jobs, summary

PRESET = Preset({"t": Task("mnist", {}, {}, {}, "accuracy", 0.1, arms=("plain", "matched"))})
SCORES = {"plain": (0.90, 0.91, 0.93, 0.92, 0.90), "matched": (0.93, 0.92, 0.95, 0.95, 0.92)}


def carried_out():
    runs = {}
    while waiting := [job for job in jobs(PRESET, runs) if job.key not in runs]:
        job = waiting[0]
        figures = {"attempt": job.attempt, "cpu_seconds": 2.0, "parameters": 7}
        if job.choice:
            assert job.seed == CHOICE_SEED
            runs[job.key] = {**figures, "validation_accuracy": [0.1, 0.4, 0.3, 0.2][job.attempt]}
        else:
            runs[job.key] = {**figures, "test_accuracy": SCORES[job.arm][job.seed]}
    return runs


def test_every_arm_has_as_many_tries():
    assert {len(arm.tries) for arm in ARMS.values()} == {4}


def test_the_validation_set_chooses_and_seeds_are_paired():
    runs = carried_out()
    assert len(runs) == 2 * (4 + 5)
    assert all(run["attempt"] == 1 for key, run in runs.items() if "seed" in key)
    row = summary(PRESET, runs)["t"]["matched"]
    exact = ttest_rel(SCORES["matched"], SCORES["plain"]).confidence_interval(0.95)
    assert row["interval_95"] == pytest.approx([exact.low, exact.high], rel=1e-2)
    assert row["verdict"] == "better"
    assert row["overhead"] == 0
    swapped = {key: {**run, "test_accuracy": 1 - run.get("test_accuracy", 0)}
               for key, run in runs.items()}  # fmt: skip
    assert summary(PRESET, swapped)["t"]["matched"]["verdict"] == "worse"


def test_noise_has_the_size_of_collisions_and_keeps_nothing():
    x, v = torch.randn(2, 8, 6, 8, 8).unbind()
    noisy = NoisyStep(Map(), coll=0.9)
    torch.manual_seed(1)
    met = super(NoisyStep, noisy).collided(x, v)
    torch.manual_seed(1)
    moved = noisy.collided(x, v)
    sizes = [(each - v).flatten(2).norm(dim=1) for each in (met, moved)]
    torch.testing.assert_close(*sizes)
    assert 0 < (sizes[0] > 1e-3).float().mean() < 1
    assert (met.mean((2, 3)) - v.mean((2, 3))).abs().max() < 1e-6
    assert (moved.mean((2, 3)) - v.mean((2, 3))).abs().max() > 1e-2


@pytest.mark.parametrize(("control", "kind"), [("noise", NoisyStep), ("dropout", DroppedStep)])
def test_controls_are_the_plain_twin_in_evaluation(control, kind):
    data = Data("", "Images", "classify", Shape((1, 8, 8), "image"), Shape((3,)), tuple("abc"))
    options = {"control": control, "channels": 8, "blocks": 1, "stages": 2, "coll": 0.5}
    net = KineticControl.build(data, check_params(KineticControl.params, options), 0)
    twin = check_params(KineticControl.params, {**options, "collisions": "off"})
    plain = KineticControl.__base__.build(data, twin, 0)
    steps = [step for step in net.modules() if isinstance(step, kind)]
    assert len(steps) == 1
    x = torch.rand(6, 64)
    assert torch.equal(net.eval()(x), plain.eval()(x))
    assert not torch.equal(net.train()(x), plain.train()(x))
