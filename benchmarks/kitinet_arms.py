"""What the study of KITINet trains: tasks, arms, and four tries of settings for every arm."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Arm:
    """A network, and what may be chosen for it on the validation set.

    Args:
        model: by its name.
        options: of the model.
        tries: options or settings to choose from, as many as every other arm has.
    """

    model: str
    options: Settings
    tries: tuple[Settings, ...]


@dataclass(frozen=True)
class Task:
    """Examples that all arms learn.

    Args:
        dataset: by its name.
        data: options of the data set; ``{data}`` stands for the folder of the public data.
        network: options of all networks.
        settings: of all trainings.
        score: the figure of the test set that is judged, and of the validation set that chooses.
        rate: the usual learning rate.
        seeds: how many trainings of an arm.
        arms: names of those that are trained; all where none are named.
    """

    dataset: str
    data: Settings
    network: Settings
    settings: Settings
    score: str
    rate: float
    seeds: int = 5
    arms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preset:
    """Tasks of one size of machine."""

    tasks: Mapping[str, Task]
    device: str = "cpu"


def tries(
    name: str, values: tuple[float, float], more: Settings | None = None
) -> tuple[Settings, ...]:
    """Two learning rates, as factors of the usual one, with two strengths each."""
    return tuple({"factor": factor, name: value, **(more or {})}
                 for factor in (1.0, 2.0) for value in values)  # fmt: skip


COLL = tries("coll", (0.05, 0.5))

ARMS: dict[str, Arm] = {
    "plain": Arm("kitinet", {"collisions": "off"}, tries("weight_decay", (1e-4, 1e-2))),
    "dropout": Arm("kinetic_control", {"control": "dropout"}, tries("coll", (0.05, 0.2))),
    "noise": Arm("kinetic_control", {"control": "noise"}, COLL),
    "matched": Arm("kitinet", {"collisions": "matched"}, COLL),
    "allpairs": Arm("kitinet", {"collisions": "allpairs"}, tries("coll", (0.02, 0.2))),
    "published": Arm("kitinet", {"collisions": "published"}, tries("coll", (0.5, 0.9))),
    "matched, fading": Arm("kitinet", {"collisions": "matched", "anneal": True}, COLL),
    "matched, of gradients": Arm("kitinet", {"collisions": "matched", "motion": "gradients"}, COLL),
    "matched, in windows": Arm("kitinet", {"collisions": "matched", "particles": "windows"}, COLL),
    "matched, in half the channels": Arm(
        "kitinet", {"collisions": "matched", "particles": "channel_groups"}, COLL
    ),
}
"""The first six are the question; the others are where such noise might pay."""

ASKED = ("plain", "dropout", "noise", "matched", "allpairs", "published")
VECTORS = (*ASKED, "matched, fading", "matched, of gradients")
"""Arms of a task that has no maps."""

FEW_FIELDS = Task(
    "burgers",
    {"n": 100, "validation": 200, "test": 500, "resolution": 64},
    {"channels": 24, "modes": 12, "blocks": 4},
    {"epochs": 60, "batch_size": 10, "schedule": "one_cycle", "warm_up": 0.2,
     "gradient_clip": 1.0, "weight_decay": 1e-4},
    "relative_l2",
    0.004,
)  # fmt: skip
FEW_DIGITS = Task(
    "mnist",
    {"n": 500, "validation": 1000, "test": 5000},
    {"channels": 8, "blocks": 1, "stages": 3},
    {"epochs": 20, "batch_size": 25, "schedule": "one_cycle", "warm_up": 0.2,
     "gradient_clip": 1.0, "weight_decay": 1e-4, "augment": "none", "optimiser": "adamw"},
    "accuracy",
    0.005,
)  # fmt: skip
TEXTS = Task(
    "text",
    {"path": "{data}/rt-polarity"},
    {"channels": 48, "blocks": 1, "dropout": 0.5},
    {"epochs": 3, "batch_size": 64, "schedule": "one_cycle", "warm_up": 0.2,
     "gradient_clip": 1.0, "weight_decay": 1e-2, "decay_on": "gains"},
    "accuracy",
    0.001,
    arms=VECTORS,
)  # fmt: skip

PRESETS: dict[str, Preset] = {
    "short": Preset({"few fields": FEW_FIELDS, "few digits": FEW_DIGITS, "texts": TEXTS}),
}
"""``short`` for two processor cores and 90 minutes."""
