"""The first seconds: something moves, nothing is fetched from elsewhere, nothing complains."""

import time

import pytest

from tests.e2e.workspace import PATIENCE_S, Workspace

pytestmark = pytest.mark.e2e

HERO = "#gallery-hero"
# Colours of the hero's moving layer, summed: any moved dot or changed voltage alters them.
PICTURE = """() => {
    const canvas = document.querySelector(".hero-stage .stage-flow");
    if (!canvas || canvas.width === 0) return null;
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let sum = 0;
    for (let k = 0; k < data.length; k += 4) sum = (sum * 31 + data[k] + 7 * data[k + 1]) % 2147483647;
    return sum;
}"""  # noqa: E501


def test_opens_on_a_circuit_that_moves(shared_studio, open_page):
    page = open_page(shared_studio.url)
    deadline = time.monotonic() + PATIENCE_S
    pictures = set()
    # How long a person waits is measured by benchmarks/playback.py.
    while len(pictures - {None}) < 3:
        assert time.monotonic() < deadline
        pictures.add(page.evaluate(PICTURE))
        page.wait_for_timeout(50)
    studio = Workspace(page)
    studio.until("window.kd?.debug.hero?.playing")
    before = studio.debug("hero.frames")
    studio.until(f"kd.debug.hero.frames > {before + 5}")
    first = page.locator(HERO).screenshot()
    studio.until(f"kd.debug.hero.frames > {before + 15}")
    assert page.locator(HERO).screenshot() != first


def test_gallery_names_its_examples_and_opens_the_running_one(shared_studio, open_studio):
    studio = open_studio(shared_studio)
    studio.until("document.querySelectorAll('#gallery-list .card-title').length >= 6")
    title = studio.text("#gallery-hero-title")
    studio.page.locator("#gallery-hero-open").click()
    studio.until("location.pathname.startsWith('/c/')")
    studio.fresh()
    assert title
    assert studio.debug("playing")
    before = studio.debug("frame")
    studio.until(f"kd.debug.frame > {before + 10}")
    assert studio.debug("doc().nodes.length") >= 10


def test_brings_everything_along(shared_studio, open_page):
    """Every script, style and font comes from the studio itself; the policy allows no other."""
    page = open_page(shared_studio.url)
    studio = Workspace(page)
    studio.until("Boolean(window.kd)")
    urls = page.evaluate("() => performance.getEntriesByType('resource').map(({ name }) => name)")
    assert len(urls) > 20
    assert [url for url in urls if not url.startswith(shared_studio.url)] == []
    policy = page.request.get(shared_studio.url).headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-eval" not in policy


def test_a_mode_chosen_while_the_circuit_loads_is_the_mode_shown(shared_studio, open_studio):
    """The server may take its time; what the user clicks meanwhile is not lost."""
    studio = open_studio(shared_studio)
    studio.open_example("RC pair")
    address = studio.page.url.removeprefix(shared_studio.url).partition("?")[0]
    held = []
    late = open_studio(shared_studio)
    late.page.route("**/api/circuits/*", lambda route: held.append(route))
    late.page.goto(shared_studio.url + address, wait_until="commit")
    late.until("Boolean(window.kd) && !kd.debug.doc()")
    late.mode("train")
    assert late.page.evaluate("location.search") == "?mode=train"
    for route in held:
        route.continue_()
    late.page.unroute("**/api/circuits/*")
    late.until("kd.debug.doc()?.nodes.length > 0")
    assert late.page.evaluate("document.documentElement.dataset.mode") == "train"
    assert late.page.url.endswith(address + "?mode=train")
