"""Which trainings the study of KINN begins, and in which order, as others finish."""

from benchmarks.kinn_arms import PRESETS, Arm, Study
from benchmarks.kinn_jobs import CHOICE_SEED, jobs, summary

STUDY = Study(
    "burgers",
    {},
    {
        "a": Arm("kinn"),
        "b": Arm("fno"),
        "a in b's time": Arm("kinn", like="a", time_of="b"),
        "absent": Arm("fno", package="no_such_package"),
    },
    epochs=100,
    choice_epochs=10,
    seeds=2,
    rates=(0.1, 0.2, 0.3),
)
LOSSES = {("a", 0.1): 3.0, ("a", 0.2): 1.0, ("a", 0.3): 2.0,
          ("b", 0.1): 1.0, ("b", 0.2): 2.0, ("b", 0.3): 3.0}  # fmt: skip
SECONDS = {"a": 20.0, "b": 10.0, "a in b's time": 10.0}


def finished(job):
    """What such a training would say; one that only chooses says nothing of the test set."""
    figures = {"cpu_seconds": SECONDS[job.arm], "wall_seconds": 1.0, "parameters": 5, "updates": 9,
               "rate": job.rate, "epochs": job.epochs}  # fmt: skip
    if job.choice:
        return {**figures, "validation_loss": LOSSES[job.arm, job.rate]}
    return {**figures, "test_relative_l2": 0.1 * (1 + job.seed)}


def carried_out(study):
    """All jobs of a study in the order in which one process does them."""
    runs, order = {}, []
    while waiting := [job for job in jobs({"s": study}, runs) if job.key not in runs]:
        runs[waiting[0].key] = finished(waiting[0])
        order.append(waiting[0])
    return runs, order


def test_rates_are_chosen_by_the_validation_set_before_anything_else():
    runs, order = carried_out(STUDY)
    first = {arm: [job for job in order if job.arm == arm] for arm in ("a", "b")}
    for arm, best in (("a", 0.2), ("b", 0.1)):
        told = [(job.rate, job.seed, job.epochs) for job in first[arm]]
        choices = [(rate, CHOICE_SEED, 10) for rate in STUDY.rates]
        assert told == [*choices, (best, 0, 100), (best, 1, 100)]
    assert len(runs) == 12  # nothing of what needs a package that is not there


def test_the_first_two_arms_go_side_by_side():
    _, order = carried_out(STUDY)
    assert [job.arm for job in order if not job.choice][:4] == ["a", "b", "a", "b"]


def test_an_arm_in_the_time_of_another_has_as_many_epochs_as_that_takes():
    _, order = carried_out(STUDY)
    last = [(job.arm, job.rate, job.epochs) for job in order[10:]]
    assert last == [("a in b's time", 0.2, 50)] * 2


def test_the_summary_is_of_the_trainings_that_count():
    runs, _ = carried_out(STUDY)
    row = summary({"s": STUDY}, runs)["s"]["a"]
    assert row["test_relative_l2"] == 0.15
    assert row["seeds"] == [0.1, 0.2]
    assert row["deviation"] == 0.071  # 0.1 / sqrt(2)


def test_every_preset_names_arms_that_there_are():
    for preset in PRESETS.values():
        for study in preset.values():
            for arm in study.arms.values():
                assert {arm.like, arm.time_of} - {""} <= set(study.arms)
                assert not arm.time_of or arm.like
