"""What the study of KINN trains: data, arms and their settings, for three sizes of machine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

RATES = (0.003, 0.006, 0.012)
"""Learning rates that every arm chooses from, on the validation set."""

FIELDS: dict[str, Any] = {
    "batch_size": 16,
    "weight_decay": 0.0,
    "schedule": "one_cycle",
    "warm_up": 0.2,
    "gradient_clip": 1.0,
}
"""Of the optimiser, the same for all arms; those of the design search."""


@dataclass(frozen=True)
class Arm:
    """A model with its settings.

    Args:
        model: by its name.
        options: of the model.
        rate: a learning rate that is not chosen here.
        like: another arm, whose learning rate this one takes over without a choice of its own.
        time_of: another arm, whose processor time this one is given, by its number of epochs.
        package: that must be importable.
    """

    model: str
    options: Mapping[str, Any] = field(default_factory=dict)
    rate: float | None = None
    like: str = ""
    time_of: str = ""
    package: str = ""


@dataclass(frozen=True)
class Study:
    """Arms that learn the same examples.

    Args:
        dataset: by its name.
        options: of the data set.
        arms: by name, those first that are to be trained first.
        epochs: of a training.
        choice_epochs: of the trainings that choose a learning rate.
        seeds: how many trainings of an arm.
        settings: of all trainings.
        rates: to choose from.
        device: where torch computes.
    """

    dataset: str
    options: Mapping[str, Any]
    arms: Mapping[str, Arm]
    epochs: int
    choice_epochs: int = 0
    seeds: int = 3
    settings: Mapping[str, Any] = field(default_factory=lambda: FIELDS)
    rates: tuple[float, ...] = RATES
    device: str = "cpu"


RINGS = Arm("kinn", {"channels": 48, "lanes": 112, "modes": 32})
"""130,977 parameters, 6 % fewer than FNO's 139,745."""

FNO = Arm("fno", {"width": 32, "modes": 16})
DEEPER = Arm("fno", {"width": 32, "modes": 16, "layers": 6})

BURGERS: dict[str, Arm] = {
    "kinn": RINGS,
    "fno": FNO,
    "fno 6 layers": DEEPER,
    "kinn in fno's time": Arm("kinn", RINGS.options, like="kinn", time_of="fno"),
    "fno in kinn's time": Arm("fno", FNO.options, like="fno", time_of="kinn"),
    "fno in gated blocks": Arm("fno_gated", {"width": 32, "modes": 16}),
    "kinn R64": Arm("kinn", {"channels": 32, "lanes": 64, "modes": 32}, like="kinn"),
    "kinn 16 waves": Arm("kinn", {"channels": 48, "lanes": 112, "modes": 16}, like="kinn"),
    "fno of neuraloperator": Arm(
        "fno_neuraloperator", {"width": 32, "modes": 16}, like="fno", package="neuralop"
    ),
}

ORDERS: dict[str, Arm] = {
    f"cascade n={order}": Arm(
        "kinn",
        {"cell": "cascade", "order": order, "channels": 32, "lanes": 64, "modes": 32},
        rate=0.008,
    )
    for order in (1, 2, 3, 4)
}
"""The rate is that of the design search for cascades of order 2."""

DARCY: dict[str, Arm] = {
    "kinn": Arm("kinn", {"channels": 32, "lanes": 32}, rate=0.006),
    "fno": Arm("fno", {"width": 32, "modes": 12}, rate=0.004),
    "fno small": Arm("fno", {"width": 16, "modes": 8}, rate=0.006),
}
"""39,809 parameters against 2,368,001 and 265,601; the rates are those of the design search."""

DARCY_CHOSEN: dict[str, Arm] = {name: Arm(arm.model, arm.options) for name, arm in DARCY.items()}

SAME_SIZE: dict[str, Arm] = {
    "kinn": Arm("kinn", DARCY["kinn"].options),
    "fno": Arm("fno", {"width": 8, "modes": 6}),
}
"""39,809 parameters against 38,465."""

DIGITS: dict[str, Arm] = {"kinn": Arm("kinn", rate=0.003)}
"""The recipe for small images: cascades along rows and columns, below 200,000 parameters."""

SEARCHED = 0.008
"""The best learning rate of the design search for rings and FNO alike, found on other fields."""

BURGERS_BRIEF: dict[str, Arm] = {
    "kinn": Arm("kinn", RINGS.options, rate=SEARCHED),
    "fno": Arm("fno", FNO.options, rate=SEARCHED),
    "fno 6 layers": Arm("fno", DEEPER.options, rate=SEARCHED),
    "kinn in fno's time": Arm("kinn", RINGS.options, like="kinn", time_of="fno"),
}

SPLIT = {"n": 1000, "validation": 100, "test": 200}
LINE = {**SPLIT, "resolution": 128}
DIGIT_SETTINGS: dict[str, Any] = {"batch_size": 64}

PRESETS: dict[str, dict[str, Study]] = {
    "brief": {"burgers": Study("burgers", LINE, BURGERS_BRIEF, epochs=30)},
    "short": {
        "burgers": Study("burgers", LINE, BURGERS, epochs=100, choice_epochs=20),
        "order": Study("burgers", LINE, ORDERS, epochs=40, seeds=2),
        "darcy": Study("darcy", {**SPLIT, "resolution": 43}, DARCY, epochs=10, seeds=1),
        "darcy, same size": Study(
            "darcy", {**SPLIT, "resolution": 43}, SAME_SIZE, epochs=100, choice_epochs=5
        ),
        "mnist": Study("mnist", {}, DIGITS, epochs=4, seeds=1, settings=DIGIT_SETTINGS),
    },
    "full": {
        "burgers": Study(
            "burgers",
            {**SPLIT, "resolution": 256},
            BURGERS,
            epochs=500,
            choice_epochs=50,
            device="cuda",
        ),
        "order": Study("burgers", LINE, ORDERS, epochs=100, device="cuda"),
        "darcy": Study(
            "darcy",
            {**SPLIT, "resolution": 85},
            DARCY_CHOSEN,
            epochs=500,
            choice_epochs=50,
            device="cuda",
        ),
        "mnist": Study("mnist", {}, DIGITS, epochs=20, settings=DIGIT_SETTINGS, device="cuda"),
    },
}
"""``brief`` for a machine that others use: 1,890 updates, no choice of rates; ``short`` for two
processor cores and an hour; ``full`` for a GPU."""
