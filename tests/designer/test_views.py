"""Every registered kind of view, from the model to the painter."""

import json

import numpy as np
import pytest

from backend.runs import RunDirectory
from backend.training.spec import TrainSpec
from backend.view import TRAJECTORY, View, packed, unpacked
from designer import figures, serialize
from designer.paths import assets_dir
from designer.service import Examples
from designer.views import VIEWS, Answers, Inside, answers_of, inside_of, view

PAINTERS = assets_dir() / "modules" / "views" / "painters"
KINDS = [pytest.param(name, kind, id=name) for name, kind in VIEWS.items()]


def arrays_of(kind):
    """Numbers of the axes that a kind asks for, all of length 3."""
    random = np.random.default_rng(1)
    return {name: random.random((3,) * count) for name, count in kind.axes.items()}


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_it_takes_what_it_asks_for_and_nothing_less(name, kind):
    arrays = arrays_of(kind)
    assert kind.__doc__
    assert kind.axes
    assert kind.fits(arrays)
    assert kind.fits({**arrays, "more": np.zeros(2)})
    for lacking in arrays:
        assert not kind.fits({key: value for key, value in arrays.items() if key != lacking})
        assert not kind.fits({**arrays, lacking: arrays[lacking][None]})
        assert not kind.fits({**arrays, lacking: arrays[lacking][:0]})


@pytest.mark.parametrize(("name", "kind"), [p for p in KINDS if isinstance(p.values[1], Inside)])
def test_an_inside_is_stored_shown_and_has_its_painter(name, kind):
    arrays, header = arrays_of(kind), {"titles": ["a", "β"]}
    found = unpacked(packed(View(name, arrays, header)))
    assert found is not None
    assert (found.kind, found.header) == (name, header)
    assert set(found.arrays) == set(arrays)
    told, sent = serialize.decode(kind.container(found.arrays, found.header))
    assert told["titles"] == header["titles"]
    for key, values in arrays.items():
        np.testing.assert_array_equal(sent[key], values.astype(np.float32))
    assert kind.board != (PAINTERS / f"{name}.mjs").is_file(), "played on the board, or painted"
    assert (inside_of(name, arrays) is None) == kind.board


@pytest.mark.parametrize(("name", "kind"), [p for p in KINDS if isinstance(p.values[1], Answers)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_answers_are_a_figure(name, kind, theme):
    arrays = arrays_of(kind)
    assert answers_of(arrays) is kind
    assert inside_of(name, arrays) is None
    examples = Examples(["a", "b", "c"], np.zeros((4, 2)), np.zeros(4))
    drawn = json.loads(kind.figure(arrays, theme, lambda: examples).to_json())
    assert drawn["data"]
    assert drawn["layout"]["font"]["color"] == figures.COLOURS[theme]["muted"]


def test_every_painter_is_one_of_a_kind():
    assert {path.stem for path in PAINTERS.iterdir()} - set(VIEWS) == {"figure"}


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


@pytest.fixture
def spiral():
    """A kind of a user, without more than its name and its arrays."""

    @view("spiral")
    class Spiral(Inside):
        """Points over time."""

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
    assert told == {"painter": "spiral", "url": f"/api/runs/{run.id}/views/1.bin"}
    header, arrays = serialize.decode(client.get(told["url"]).data)
    assert header["unit"] == "m"
    np.testing.assert_array_equal(arrays["points"], points)
    assert arrays["targets"].tolist() == [1, 1]

    told = client.get(f"/api/runs/{run.id}/outcomes/2").json
    assert (told["painter"], len(told["figure"]["data"])) == ("figure", 2)
    nothing = client.get(f"/api/runs/{run.id}/views/2.bin")
    assert nothing.status_code == 422
    assert "nothing" in nothing.json["error"]["message"]
