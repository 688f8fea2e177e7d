"""Pages that play by themselves, as files; tests/e2e/test_page.py opens them."""

import base64
import hashlib
import json
import re
import struct
import zlib

import numpy as np
import pytest

from backend.circuit import Circuit
from backend.errors import StudioError
from backend.simulation.simulate import adjoint
from designer.player.payload import Part, packed
from designer.service import pages

HOSTILE = '</script><img src=x onerror="alert(1)">\n<!-- \u2028'


def opened(text: str) -> tuple[dict, dict]:
    """Words and arrays of a payload, by its description."""
    block = zlib.decompress(base64.b64decode(text))
    (length,) = struct.unpack("<I", block[:4])
    words = json.loads(block[4 : 4 + length])
    place, arrays = 4 + length, {}
    for part in words["parts"]:
        for entry in part["header"]["arrays"]:
            count = int(np.prod(entry["shape"]))
            planes = np.frombuffer(block, "u1", 4 * count, place).reshape(4, count)
            place += 4 * count
            steps = np.ascontiguousarray(planes.T).view("<u4").ravel()
            values = np.cumsum(steps, dtype=np.uint32).view("<f4")
            rows = entry["shape"][0] if entry["shape"] else 1
            shaped = values.reshape(-1, rows or 1).T.reshape(entry["shape"])
            arrays[f"{part['name']}/{entry['name']}"] = shaped
    assert place == len(block)
    return words, arrays


def element(html: str, id: str) -> str:
    found = re.search(rf'<script type="text/plain" id="{id}">([^<]*)</script>', html)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def made() -> tuple[Circuit, str]:
    data = {
        "format": "kirchhoff-circuit/1",
        "name": HOSTILE,
        "nodes": [
            {"id": "n1", "voltage": 1.0, "role": "input", "label": HOSTILE},
            {"id": "n2", "role": "output", "x": 120},
        ],
        "slices": [
            {
                "duration": 1.0,
                "devices": [{"id": "d1", "kind": "resistor", "source": "n1", "target": "n2"}],
            }
        ],
    }
    circuit = Circuit.from_dict(data)
    return circuit, pages.circuit_page(circuit)


def test_arrays_are_packed_without_loss():
    values = np.array([[0.0, -0.0], [np.nan, np.inf], [1e-45, -3.4e38]], np.float32)
    empty = np.zeros((0, 3), np.float32)
    words, arrays = opened(packed({"a": 1}, [Part("x", {"b": 2}, {"v": values, "e": empty})]))
    assert words["a"] == 1
    assert words["parts"][0]["header"]["b"] == 2
    assert arrays["x/v"].tobytes() == values.tobytes()
    assert arrays["x/e"].shape == (0, 3)


def test_a_page_holds_the_library_s_trajectory_and_adjoint(made):
    circuit, html = made
    words, arrays = opened(element(html, "page-contents"))
    trajectory, back = adjoint(circuit, outputs=201)
    assert words["board"]["circuit"] == circuit.to_dict()
    for name, values in (
        ("voltages", trajectory.voltages),
        ("adjoint_voltages", back.voltages),
        ("gradient/conductance", back.gradient["conductance"]),
    ):
        np.testing.assert_array_equal(arrays[f"simulation/{name}"], values.astype(np.float32))
    exact = 0.5 * (1 + np.exp(-2 * arrays["simulation/t"].astype(float)))
    np.testing.assert_allclose(arrays["simulation/voltages"][:, 0], exact, atol=2e-6)


def test_a_page_fetches_nothing_and_runs_no_other_script(made):
    html = made[1]
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy
    assert policy[1].startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy[1]
    code = json.loads(zlib.decompress(base64.b64decode(element(html, "page-code"))))
    loader = re.search(r'<script type="module">(.*?)</script>', html, re.DOTALL)
    assert loader
    for text in (*code, loader[1]):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy[1]
    assert not re.search(r"""\b(src|href)=["']""", html)
    assert html.count("<script") == html.count("</script>") == 3


def test_hostile_names_are_text(made):
    html = made[1]
    assert "onerror" not in html.replace("onerror=&quot;alert(1)&quot;&gt;", "")
    title = re.search(r"<title>(.*?)</title>", html)
    assert title
    assert "<" not in title[1]
    assert opened(element(html, "page-contents"))[0]["title"] == HOSTILE


def test_a_trajectory_is_shown_as_it_was_computed(made):
    circuit = made[0]
    trajectory, back = adjoint(circuit, solver="rk4", steps=3, outputs=5)
    html = pages.trajectory_page(circuit, trajectory, back)
    arrays = opened(element(html, "page-contents"))[1]
    assert arrays["simulation/t"].shape == (5,)
    np.testing.assert_array_equal(
        arrays["simulation/voltages"], trajectory.voltages.astype(np.float32)
    )


def test_a_page_that_would_be_too_large_is_refused(made, monkeypatch):
    monkeypatch.setattr(pages, "MOST_BYTES", 1000)
    with pytest.raises(StudioError, match=r"bundle it as \.kstudio, or with fewer outputs"):
        pages.circuit_page(made[0])
