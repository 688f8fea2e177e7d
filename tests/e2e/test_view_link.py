"""A link shows the view that it was copied from."""

import pytest

pytestmark = pytest.mark.e2e


def test_a_link_shows_the_same_view_again(open_studio, shared_studio):
    studio = open_studio(shared_studio, alone=True, permissions=["clipboard-write"])
    studio.open_example("RC pair")
    studio.fresh()
    studio.select("b")
    studio.lane("adjoint")
    studio.pause()
    studio.press(",")
    studio.until("!kd.debug.playing && kd.debug.lane === 'adjoint'")
    before = {name: studio.debug(name) for name in ("time", "lane", "selection", "mode")}
    studio.press("Control+k")
    studio.page.keyboard.type("copy a link")
    studio.press("Enter")
    studio.until("location.search.includes('lane=adjoint')")
    assert studio.toast().startswith("Link copied")
    link = studio.page.url
    studio.page.goto("about:blank")
    studio.page.goto(link, wait_until="commit")
    studio.until("Boolean(window.kd) && kd.debug.sim && kd.debug.lane === 'adjoint'")
    studio.until(f"!kd.debug.playing && Math.abs(kd.debug.time - {before['time']}) < 1e-6")
    assert studio.debug("selection") == before["selection"]
    assert studio.debug("mode") == before["mode"]
    studio.page.go_back()
    studio.page.go_forward()
    studio.until("Boolean(window.kd) && kd.debug.lane === 'adjoint'")
