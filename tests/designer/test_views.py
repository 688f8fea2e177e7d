"""Every registered kind of view, from the model to the painter."""

import json

import numpy as np
import pytest

from backend.errors import StudioError
from backend.runs import RunDirectory
from backend.training.spec import TrainSpec
from backend.view import TRAJECTORY, View, packed, unpacked
from designer import figures, serialize
from designer.paths import assets_dir
from designer.service import Examples
from designer.views import VIEWS, Drawn, Inside, Painted, view, views_of

PAINTERS = assets_dir() / "modules" / "views" / "painters"
KINDS = [pytest.param(name, kind, id=name) for name, kind in VIEWS.items()]


def arrays_of(kind):
    """Numbers of the axes that a kind asks for, all of length 3."""
    random = np.random.default_rng(1)
    wanted = {**kind.axes, **kind.either}
    return {name: random.random((3,) * count) for name, count in wanted.items()}


def inside_of(kind, name, arrays, header=None):
    """What a model shows that has these arrays, where they are its inside."""
    return View(kind.part_of or name, arrays, header or {}) if isinstance(kind, Inside) else None


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_it_takes_what_it_asks_for_and_nothing_less(name, kind):
    arrays = arrays_of(kind)
    assert kind.__doc__
    assert kind.title
    assert kind.axes or kind.either
    assert kind.fits(arrays)
    assert kind.fits({**arrays, "more": np.zeros(2)})
    assert not kind.either or not kind.fits({key: arrays[key] for key in kind.axes})
    for one in kind.either:
        assert kind.fits({key: arrays[key] for key in (*kind.axes, one)})
    for lacking in kind.axes:
        assert not kind.fits({key: value for key, value in arrays.items() if key != lacking})
        assert not kind.fits({**arrays, lacking: arrays[lacking][None]})
        assert not kind.fits({**arrays, lacking: arrays[lacking][:0]})


def of(kind):
    return [param for param in KINDS if isinstance(param.values[1], kind)]


@pytest.mark.parametrize(("name", "kind"), of(Inside))
def test_an_inside_is_stored_shown_and_has_its_painter(name, kind):
    arrays, header = arrays_of(kind), {"titles": ["a", "β"], "order": 2, "periodic": True}
    found = unpacked(packed(View(kind.part_of or name, arrays, header)))
    assert found is not None
    assert (found.kind, found.header) == (kind.part_of or name, header)
    assert set(found.arrays) == set(arrays)
    told, sent = serialize.decode(kind.container(found.arrays, found.header))
    assert told["titles"] == header["titles"]
    for key, values in arrays.items():
        if key in sent:
            np.testing.assert_array_equal(sent[key], values.astype(np.float32))
    assert sent
    assert kind.board != (PAINTERS / f"{name}.mjs").is_file(), "played on the board, or painted"
    assert (name in views_of(found, {})) != kind.board


@pytest.mark.parametrize(("name", "kind"), of(Drawn))
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_drawn_answers_are_a_figure(name, kind, theme):
    arrays = arrays_of(kind)
    assert views_of(None, arrays) == {name: kind}
    examples = Examples(["a", "b", "c"], np.zeros((4, 2)), np.zeros(4))
    drawn = json.loads(kind.figure(arrays, theme, lambda: examples).to_json())
    assert drawn["data"]
    assert drawn["layout"]["font"]["color"] == figures.COLOURS[theme]["muted"]


@pytest.mark.parametrize(("name", "kind"), [("curves", VIEWS["curves"]), ("maps", VIEWS["maps"])])
def test_fields_are_told_with_their_errors_on_every_grid(name, kind):
    random = np.random.default_rng(2)
    shapes = {"": (3, 2), "_1": (2, 2), "_2": (1, 2)}
    points = {"": 4, "_1": 8, "_2": 2}
    axes = kind.axes["field_input"] - 2
    arrays = {
        f"field_{part}{grid}": random.random((*shape, *[points[grid]] * axes))
        for grid, shape in shapes.items()
        for part in ("input", "target", "prediction")
    }
    assert next(iter(views_of(View("fields", {"values": np.ones((1, 1, 1))}), arrays))) == name
    told, sent = serialize.decode(kind.container(arrays, {"periodic": True}))
    assert told["periodic"] is True
    for grid, (count, _) in shapes.items():
        wanted, answer = (arrays[f"field_{part}{grid}"] for part in ("target", "prediction"))
        np.testing.assert_allclose(sent[f"input{grid}"], arrays[f"field_input{grid}"], rtol=1e-6)
        for k in range(count):
            error = np.linalg.norm(answer[k] - wanted[k]) / np.linalg.norm(wanted[k])
            assert sent[f"error{grid}"][k] == pytest.approx(error, rel=1e-5)


def test_every_painter_is_one_of_a_kind():
    painted = {name for name, kind in VIEWS.items() if isinstance(kind, Painted)}
    assert {path.stem for path in PAINTERS.iterdir()} - painted == {"figure"}


def test_frames_of_before_views_had_kinds_hold_trajectories():
    old = {"t": np.arange(2), "voltages": np.zeros((2, 3)), "example": np.zeros(1)}
    found = unpacked(old)
    assert found is not None
    assert (found.kind, set(found.arrays)) == (TRAJECTORY, {"t", "voltages"})
    assert unpacked({"example": np.zeros(1), "confusion": np.eye(2)}) is None


@pytest.mark.parametrize(
    "words", [b"", b"[]", b"{", b'{"kind": 1, "header": {}}', b'{"kind": "x"}']
)
def test_damaged_words_are_refused(words):
    with pytest.raises(ValueError, match="view"):
        unpacked({"view": np.frombuffer(words, np.uint8)})


@pytest.mark.parametrize(
    ("kind", "arrays"),
    [("../x", {}), ("x", {"A b": np.zeros(1)}), ("x", {"z": np.zeros(1, complex)})],
)
def test_a_view_that_no_file_can_hold_is_refused(kind, arrays):
    with pytest.raises(ValueError, match=r"use a-z|no real numbers"):
        View(kind, arrays)


def test_constants_stand_beside_those_that_the_run_began_with(client, config):
    run = RunDirectory.create(TrainSpec.make(dataset="two_moons", epochs=1), config.home, None)
    for epoch in (0, 3):
        tau = np.full((2, 4), 0.1 + epoch)
        stored = packed(View("fields", {"tau": tau}, {"order": 2, "periodic": True}))
        np.savez_compressed(run.path / "frames" / f"{epoch:06d}", **stored)  # pyright: ignore[reportArgumentType]
    run.write_status(state="done")
    told = client.get(f"/api/runs/{run.id}/outcomes/3?view=constants").json
    assert [one["name"] for one in told["views"]] == ["cascade", "samples", "constants"]
    _, sent = serialize.decode(client.get(told["url"]).data)
    assert {name: float(values[0, 0]) for name, values in sent.items()} == {
        "tau": pytest.approx(3.1), "first_tau": pytest.approx(0.1)
    }  # fmt: skip
    header, sent = serialize.decode(client.get(told["url"].replace("constants", "cascade")).data)
    assert header["order"] == 2
    assert sent["taps"].shape[:3] == (2, 4, 3)


def test_neurons_are_told_over_all_epochs_that_are_alike(client, config):
    """An epoch without them, or with others, is left out."""
    run = RunDirectory.create(TrainSpec.make(dataset="two_moons", epochs=1), config.home, None)
    cosines = np.full((2, 4, 4), 51, np.uint8)
    for epoch, weights in ((0, 2), (1, 3), (2, 2), (5, 2)):
        arrays = {"condensation": np.full((weights, 5), epoch / 10), "cosines": cosines}
        stored = packed(View("particles", {} if epoch == 2 else arrays, {"weights": []}))
        np.savez_compressed(run.path / "frames" / f"{epoch:06d}", **stored)  # pyright: ignore[reportArgumentType]
    run.write_status(state="done")
    url = client.get(f"/api/runs/{run.id}/outcomes/5?view=condensation").json["url"]
    _, sent = serialize.decode(client.get(url).data)
    assert sent["epochs"].tolist() == [0, 5]
    np.testing.assert_allclose(sent["all_condensation"][:, 1, 2], [0, 0.5])
    np.testing.assert_allclose(sent["similar"], 0.2)


def test_particles_stand_beside_the_fields_of_an_operator(client):
    """Fields as an inside give way to those with their truth; particles say something else."""
    arrays = {f"field_{part}": np.ones((1, 1, 4)) for part in ("input", "target", "prediction")}
    gas = View("particles", {"place_0": np.ones((1, 2, 4)), "motion_0": np.ones((1, 1, 2, 2))})
    assert list(views_of(gas, arrays)) == ["curves", "particles"]
    assert list(views_of(View("fields", {"values": np.ones((1, 1, 1))}), arrays)) == ["curves"]


@pytest.mark.parametrize("order", [None, 0, 1.5, "2", 99])
def test_cascades_without_a_number_of_cells_are_refused(order):
    with pytest.raises(StudioError, match="train it again"):
        VIEWS["cascade"].container({"tau": np.ones((1, 2))}, {"order": order})  # type: ignore[attr-defined]


@pytest.fixture
def spiral():
    """A kind of a user, without more than its name and its arrays."""

    @view("spiral")
    class Spiral(Inside):
        """Points over time."""

        title = "Spiral"
        axes = {"points": 3}  # noqa: RUF012

    yield Spiral
    del VIEWS._entries["spiral"]


def test_a_new_kind_goes_from_the_frame_to_the_page(client, config, spiral):
    """The task's arrays may have the same names; the inside is shown before the answers."""
    spec = TrainSpec.make(dataset="two_moons", epochs=1)
    run = RunDirectory.create(spec, config.home, None)
    points = np.arange(12.0).reshape(2, 3, 2)
    stored = packed(View("spiral", {"points": points, "targets": np.ones(2)}, {"unit": "m"}))
    answers = {"predictions": np.ones((3, 1)), "targets": np.ones((3, 1))}
    for epoch, held in (("000001", {**stored, **answers}), ("000002", answers)):
        np.savez_compressed(run.path / "frames" / epoch, **held)  # pyright: ignore[reportArgumentType]
    run.write_status(state="done")

    told = client.get(f"/api/runs/{run.id}/outcomes/1").json
    titles = [{"name": "spiral", "title": "Spiral"}, {"name": "predictions", "title": "Answers"}]
    url = f"/api/runs/{run.id}/views/1.bin?view=spiral"
    assert told == {"view": "spiral", "views": titles, "painter": "spiral", "url": url}
    header, arrays = serialize.decode(client.get(told["url"]).data)
    assert header["unit"] == "m"
    np.testing.assert_array_equal(arrays["points"], points)
    assert arrays["targets"].tolist() == [1, 1]

    told = client.get(f"/api/runs/{run.id}/outcomes/1?view=predictions").json
    assert (told["view"], told["painter"]) == ("predictions", "figure")

    told = client.get(f"/api/runs/{run.id}/outcomes/2?view=spiral").json
    assert told["view"] == "predictions", "what there is, where the wanted one is not"
    assert (told["painter"], len(told["figure"]["data"])) == ("figure", 2)
    nothing = client.get(f"/api/runs/{run.id}/views/2.bin?view=spiral")
    assert nothing.status_code == 422
    assert "nothing" in nothing.json["error"]["message"]
