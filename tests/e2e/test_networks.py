"""Networks too large to draw: a summary instead of a hanging page, a digit drawn by hand."""

import pytest

from backend.circuit.files import write_circuit
from backend.topologies import TOPOLOGIES
from tests.e2e.conftest import REFUSED

pytestmark = pytest.mark.e2e

# Frames painted from now on: a page that hangs paints none.
COUNT_FRAMES = """() => {
    window.frames_seen = 0;
    const look = () => {
        window.frames_seen += 1;
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""
BARS = "[...document.querySelectorAll('.vision-bars li')].map((row) => row.innerText).join()"
# Colours of the pictures on the board, summed.
PICTURE = """() => {
    const canvas = document.querySelector("#board .board-picture");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0;
    for (let k = 0; k < data.length; k += 4) sum = (31 * sum + data[k] + 7 * data[k + 2]) % 2147483647;
    return sum;
}"""  # noqa: E501


@pytest.fixture(scope="module")
def neighbours(tmp_path_factory):
    """The authors' network for MNIST in size: 834 nodes, 230,068 devices."""
    path = tmp_path_factory.mktemp("networks") / "neighbours.safetensors"
    options = {"height": 28, "width": 28, "kernel": 4, "extra": 50, "outputs": 10}
    made = TOPOLOGIES["neighbor"](**options, kind="threshold_relu", strength=0.5)(seed=1)
    assert made.device_count == 230_068
    write_circuit(made, path)
    return path


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    """Pixels without a picture, so that the pad begins with an example."""
    path = tmp_path_factory.mktemp("networks") / "layers.safetensors"
    made = TOPOLOGIES["locally_connected"](
        height=28, width=28, window=5, features=4, deep_window=4, deep_stride=2, outputs=10
    )(seed=3)
    write_circuit(made.with_voltages({name: 0.0 for name in made.inputs}), path)
    return path


def test_a_network_of_230_068_devices_is_summed_up(desk, neighbours):
    desk.page.evaluate(COUNT_FRAMES)
    desk.open_file(neighbours)
    desk.until("kd.debug.network?.devices === 230068 && kd.debug.viewport()")
    desk.fresh()
    assert desk.page.evaluate("() => window.frames_seen") > 10
    assert "834 nodes, 230,068 devices" in desk.text("#inspector .pane:not([hidden])")
    assert len(desk.document()["nodes"]) == 834
    assert desk.debug("sim.E") == 300
    before = desk.page.evaluate(PICTURE)
    desk.until("kd.debug.time > 0.2")
    assert desk.page.evaluate(PICTURE) != before
    frame = desk.debug("frame")
    desk.until(f"kd.debug.frame > {frame + 10}")


def test_a_digit_drawn_by_hand_is_computed(desk, blank):
    desk.open_file(blank)
    desk.until("kd.debug.network?.id && kd.debug.viewport()")
    desk.fresh()
    desk.until("kd.debug.time >= kd.debug.duration")
    example, first = desk.debug("sim.hash"), desk.page.evaluate(f"() => {BARS}")
    pad = desk.box(".pad")
    at = lambda x, y: (pad["x"] + x * pad["width"], pad["y"] + y * pad["height"])  # noqa: E731
    desk.drag(at(0.3, 0.25), at(0.7, 0.25))
    desk.until(f"kd.debug.sim.hash !== '{example}'")
    desk.drag(at(0.7, 0.25), at(0.4, 0.8))
    desk.until("kd.debug.playing")
    desk.until(f"kd.debug.time >= kd.debug.duration && ({BARS}) !== {first!r}")
    assert desk.page.locator(".vision-bars li[data-leads=true]").count() == 1
    # Ink is 1 V at the start and the empty corner 0 V.
    desk.page.locator("#transport [data-command=restart]").click()
    start = desk.page.evaluate("() => kd.debug.doc().nodes.map(({ id }) => kd.debug.valueAt(id))")
    assert start[0] == 0
    assert 0.9 < max(start[:784]) <= 1


def test_a_number_key_draws_an_example(desk, blank):
    desk.open_file(blank)
    desk.until("kd.debug.network?.id && kd.debug.viewport()")
    desk.fresh()
    before = desk.debug("sim.hash")
    desk.page.locator(".pad").focus()
    desk.press("7")
    desk.until(f"kd.debug.sim.hash !== '{before}'")
    desk.pause()
    desk.page.locator("#transport [data-command=restart]").click()
    desk.until("kd.debug.time === 0")
    drawn = desk.page.evaluate("() => kd.debug.doc().nodes.map(({ id }) => kd.debug.valueAt(id))")
    assert drawn[0] == 0
    assert 0.9 < max(drawn[:784]) <= 1


def test_a_damaged_network_is_refused_in_one_sentence(shared_studio, open_studio, blank, tmp_path):
    path = tmp_path / "half.safetensors"
    path.write_bytes(blank.read_bytes()[:100_000])
    studio = open_studio(shared_studio, allow=(REFUSED,))
    studio.open_file(path)
    assert "half.safetensors" in studio.toast()


def test_a_flow_in_the_plane_moves_with_the_clock(desk, tmp_path):
    nodes = [{"id": name, "role": "both", "x": 240 * k} for k, name in enumerate("ab")]
    swing = {"a": 0.0, "b": 1.5, "c": 0.2}
    devices = [
        {"id": "d1", "kind": "tanh", "source": "a", "target": "gnd", "params": swing},
        {"id": "d2", "kind": "tanh", "source": "a", "target": "b", "params": {**swing, "a": 1.0}},
    ]
    slices = [{"duration": 2.0, "devices": devices}]
    circuit = {"format": "kirchhoff-circuit/1", "name": "Swirl", "nodes": nodes, "slices": slices}
    desk.open_circuit(circuit, tmp_path)
    desk.mode("simulate")
    desk.until("kd.debug.plane && !document.querySelector('.plane').hidden")
    desk.pause()
    look = "document.querySelector('.plane-picture').toDataURL()"
    desk.page.locator("#transport [data-command=restart]").click()
    desk.until("kd.debug.time === 0")
    shown = [desk.page.evaluate(f"() => {look}")]
    desk.press(".", ".", ".", ".", ".")
    desk.until(f"{look} !== {shown[0]!r}")
    for part in ("Points", "Density", "Arrows"):
        shown.append(desk.page.evaluate(f"() => {look}"))
        desk.page.locator(".plane .segment", has_text=part).click()
        desk.until(f"{look} !== {shown[-1]!r}")
    # At the start, five ticks later, and with one part less each time.
    assert len(set(shown)) == len(shown) == 4
    desk.mode("build")
    desk.until("document.querySelector('.plane').hidden")
