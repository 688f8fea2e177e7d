"""Versions of a circuit, saved and restored by keys."""

import pytest

pytestmark = pytest.mark.e2e

PAINTED = """[...document.querySelectorAll(".version canvas")].some((canvas) =>
    canvas.width > 0 && canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
        .data.some((value) => value > 0))"""


def test_a_version_comes_back_by_one_undoable_step(desk):
    desk.new_circuit()
    desk.add_node(0, 0)
    desk.press("Control+s")
    assert desk.toast().startswith("Saved as a version.")
    one = desk.document()
    desk.add_node(120, 0)
    two = desk.document()
    desk.until("!document.querySelector('.toast')")  # the same words are not said twice at once
    desk.press("Control+s")
    assert desk.toast().startswith("Saved as a version.")
    desk.press("Control+k")
    desk.page.keyboard.type("versions of")
    desk.press("Enter")
    desk.until("document.querySelectorAll('.version').length === 2")
    desk.until(PAINTED)
    desk.page.get_by_role("button", name="Back to this").nth(1).click()
    desk.until("kd.debug.doc().nodes.length === 1")
    assert desk.document() == one
    desk.press("Control+z")
    assert desk.document() == two
