"""The page's operating points, poles and frequency responses, against formulas and scipy.signal."""

import copy
import math
from typing import Any

import numpy as np
import pytest
from scipy import signal

from backend.circuit import Circuit
from backend.simulation.operating_point import operating_point
from designer.gallery import Gallery

GENERAL = (
    "divider", "rc-lowpass", "rlc-step", "bridge", "clamp", "differential-pair", "inverters",
)  # fmt: skip
"""Examples of the general class that have an operating point."""


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    """The kernels, which a turn of the server has no time to compile."""
    operating_point(Circuit.from_dict(example("inverters")))


def example(id: str) -> dict[str, Any]:
    return Gallery().load(id)[0]


def rest(client, circuit: dict[str, Any]) -> dict[str, Any]:
    answer = client.post("/api/operating-point", json={"circuit": circuit})
    assert answer.status_code == 200, answer.json
    return answer.json


def responded(client, circuit: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = client.post("/api/frequency-response", json={"circuit": circuit, **more})
    assert answer.status_code == 200, answer.json
    return answer.json


def refused(client, address: str, circuit: dict[str, Any], **more: Any) -> str:
    answer = client.post(f"/api/{address}", json={"circuit": circuit, **more})
    assert answer.status_code == 422
    return answer.json["error"]["message"]


def complex_of(answer: dict[str, Any], node: str) -> np.ndarray:
    row = answer["nodes"].index(node)
    size = 10 ** (np.array(answer["decibels"][row]) / 20)
    return size * np.exp(1j * np.radians(answer["degrees"][row]))


def test_a_page_reads_a_refusal_as_an_answer(client):
    """What a browser would note as an error of the page is an answer to who says so."""
    circuit = example("lc-swap")
    said = refused(client, "operating-point", circuit)
    answer = client.post(
        "/api/operating-point", json={"circuit": circuit}, headers={"X-Refusals": "answer"}
    )
    assert (answer.status_code, answer.headers["X-Refused"]) == (200, "422")
    assert answer.json["error"]["message"] == said


def test_a_low_pass_is_three_decibels_down_at_its_corner(client):
    """R = 1 kohm and C = 1 uF: 1 / (2 pi R C) = 159.2 Hz."""
    circuit = example("rc-lowpass")
    answer = rest(client, circuit)
    assert answer["unique"]
    assert "linear" in answer["uniqueness"]
    assert not answer["poor"]
    (pole,) = answer["poles"]
    assert pole["real"] == pytest.approx(-1000.0)
    assert pole["frequency"] == pytest.approx(1000 / (2 * math.pi))
    assert pole["time_constant"] == pytest.approx(1e-3)
    corner = 1000 / (2 * math.pi)
    found = responded(client, circuit, nodes=["out"], low=corner, high=10 * corner, points=2)
    assert found["source"] == "V1"
    assert found["decibels"][0][0] == pytest.approx(-10 * math.log10(2))
    assert found["degrees"][0][0] == pytest.approx(-45.0)


def test_a_resonance_is_that_of_scipy(client):
    circuit = example("rlc-step")
    found = responded(client, circuit, nodes=["out", "mid"])
    ohms, henry, farad = 20.0, 10e-3, 1e-6
    f = np.array(found["frequencies"])
    _, wanted = signal.freqresp(
        signal.TransferFunction([1.0], [henry * farad, ohms * farad, 1.0]), 2 * np.pi * f
    )
    np.testing.assert_allclose(complex_of(found, "out"), wanted, rtol=1e-9)
    d = ohms / 2 * math.sqrt(farad / henry)
    peak = 20 * math.log10(1 / (2 * d * math.sqrt(1 - d * d)))
    assert max(found["decibels"][0]) == pytest.approx(peak, abs=1e-9)
    (pole,) = rest(client, circuit)["poles"]
    assert pole["damping"] == pytest.approx(d)
    assert pole["frequency"] == pytest.approx(1 / (2 * math.pi * math.sqrt(henry * farad)))


def test_a_pair_amplifies_as_its_operating_points_differ(client):
    """At 1 Hz the response is the derivative of the operating point by the source's voltage."""
    circuit = example("differential-pair")
    found = responded(
        client, circuit, source="VIN", nodes=["c1", "c2"], low=1.0, high=2.0, points=2
    )

    def shifted(volts: float) -> dict[str, float]:
        other = copy.deepcopy(circuit)
        device = next(d for d in other["slices"][0]["devices"] if d["id"] == "VIN")
        device["params"]["voltage"] = volts
        return operating_point(Circuit.from_dict(other)).voltages

    high, low = shifted(1e-4), shifted(-1e-4)
    for node in ("c1", "c2"):
        wanted = (high[node] - low[node]) / 2e-4
        assert complex_of(found, node)[0].real == pytest.approx(wanted, rel=1e-4)
    assert found["decibels"][0][0] > 30


def test_a_current_source_is_answered_in_volts_an_ampere(client):
    found = responded(client, example("differential-pair"), source="IT", nodes=["c1"])
    assert found["unit"] == "V/A"
    # Half of the tail's current goes through each collector's resistance of 4.7 kohm, less what
    # the base takes: beta / (beta + 1).
    wanted = 20 * math.log10(0.5 * 4700 * 100 / 101)
    assert found["decibels"][0][0] == pytest.approx(wanted, abs=1e-3)


@pytest.mark.parametrize("id", GENERAL)
def test_examples_rest_where_the_library_says(client, id: str):
    circuit = example(id)
    found, wanted = rest(client, circuit), operating_point(Circuit.from_dict(circuit))
    assert dict(found["voltages"]) == pytest.approx(wanted.voltages)
    assert dict(found["currents"]) == pytest.approx(wanted.currents)
    assert found["stable"] is True
    assert found["text"] == wanted.sentence
    sine = responded(client, circuit, nodes=[name for name, _ in found["voltages"]])
    assert sine["source"] == found["sources"][0]["name"]
    assert np.isfinite(np.array(sine["degrees"], float)).any()


def test_the_fast_class_has_the_same_view(client):
    """A cascade of three cells with v' = 1.25 (u - v) each: three poles at -1.25 1/s."""
    circuit = example("cascade")
    assert [pole["real"] for pole in rest(client, circuit)["poles"]] == pytest.approx([-1.25] * 3)
    found = responded(client, circuit, source="u", nodes=["v3"])
    f = np.array(found["frequencies"])
    wanted = 1 / (1 + 2j * np.pi * f / 1.25) ** 3
    np.testing.assert_allclose(complex_of(found, "v3"), wanted, rtol=1e-9)
    assert found["degrees"][0][-1] == pytest.approx(-270.0, abs=2.0)


def test_what_has_no_rest_is_told_in_one_sentence(client):
    assert "only capacitors lead there" in refused(client, "operating-point", example("lc-swap"))
    said = refused(client, "frequency-response", example("mean-field"), nodes=[])
    assert "no source to put a small sine on" in said
    assert "not one operating point but many" in refused(
        client, "operating-point", example("mean-field")
    )
    assert "of one slice, and this one has 6" in refused(
        client, "operating-point", example("rectifier")
    )


def test_wrong_choices_are_named(client):
    circuit = example("rc-lowpass")
    for more, words in (
        ({"source": "V9"}, "there is no source 'V9'"),
        ({"nodes": ["nowhere"]}, "there is no node 'nowhere'"),
        ({"low": 10.0, "high": 1.0}, "range of frequencies is empty"),
        ({"points": 5000}, "at most 2,001 frequencies"),
        ({"nodes": ["out"] * 51}, "at most 50 nodes"),
    ):
        assert words in refused(client, "frequency-response", circuit, **more)


def test_a_sine_of_the_node_that_it_moves_alone_has_no_decibels_elsewhere(client):
    """What does not answer at all is left out of the picture: JSON has no minus infinity."""
    found = responded(client, example("divider"), nodes=["in", "mid"])
    assert found["decibels"][0] == pytest.approx([0.0] * len(found["frequencies"]))
    quiet = responded(client, example("clamp"), source="V2", nodes=["in"])
    assert set(quiet["decibels"][0]) == {None}
