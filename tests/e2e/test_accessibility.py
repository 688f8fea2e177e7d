"""No violation of WCAG 2 A and AA that axe-core finds, in any mode and tab, in both themes."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.workspace import Workspace

TOOLS = Path(__file__).parents[1] / "assets"
AXE = TOOLS / "node_modules" / "axe-core" / "axe.min.js"
MODES = ("train", "runs", "export")
# Colours that glide are measured on their way otherwise.
STILL = "*, *::before, *::after { transition: none !important; animation: none !important; }"
FIND = """async ([place, runOnly]) => {
  const { violations } = await axe.run(place, { runOnly, resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, any, all, none }) =>
    `${id}: ${target.join(" ")}: ${[...any, ...all, ...none][0]?.message}`));
}"""
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
CONTRAST = {"type": "rule", "values": ["color-contrast"]}


@pytest.fixture(scope="module")
def axe() -> str:
    """The source of axe-core, at the version of tests/assets/package-lock.json."""
    if not AXE.exists():
        if shutil.which("npm"):
            command = ["npm", "ci", "--silent", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=TOOLS, check=False)
        if not AXE.exists():
            pytest.skip("npm could not fetch axe-core")
    return AXE.read_text(encoding="utf-8")


def look(desk: Workspace, place: str, where: str, rules: dict, found: list[str]) -> None:
    """Note what axe finds in a part of what is on show."""
    found += [f"{where}: {flaw}" for flaw in desk.page.evaluate(FIND, [place, rules])]


def look_at_docks(desk: Workspace, rules: dict, found: list[str]) -> None:
    """What stands in the dock besides the curves of voltages."""
    desk.lane("energy")
    look(desk, "#dock", "energy", rules, found)
    desk.lane("voltages")
    for view in ("cursors", "portrait", "heat-map"):
        desk.page.locator(f'#scope [data-command="{view}"]').click()
        look(desk, "#dock", view, rules, found)
    desk.page.locator('#lane-switch [data-command="bode"]').click()
    desk.until("document.querySelector('#bode-plot .figure')?.data?.length")
    look(desk, "#dock", "Bode plot", rules, found)
    desk.page.locator('#lane-switch [data-command="table"]').click()
    for rows in ("Devices", "Nodes"):
        desk.page.locator("#sheet .segment", has_text=rows).click()
        look(desk, "#dock", f"table of {rows}", rules, found)
    desk.lane("voltages")
    desk.page.locator('#scope [data-command="heat-map"]').click()


def look_at_help(desk: Workspace, rules: dict, found: list[str]) -> None:
    """Every tab of the help."""
    desk.press("?")
    for tab in desk.page.locator("dialog[open] [role=tab]").all():
        tab.click()
        look(desk, "dialog[open]", f"help, {tab.inner_text()}", rules, found)
    desk.press("Escape")


def look_everywhere(desk: Workspace, rules: dict, found: list[str]) -> None:
    """The whole window once; of the other modes and tabs what changes with them."""
    desk.mode("build")
    look(desk, "html", "build", rules, found)
    for mode in MODES:
        desk.mode(mode)
        look(desk, "#page-workspace", mode, rules, found)
    desk.mode("simulate")
    desk.press("Control+a")
    for tab in ("device", "node"):
        desk.tab(tab)
        look(desk, "#inspector", f"tab {tab}", rules, found)
    desk.press("Escape")
    node, device = desk.debug("doc().nodes[0].id"), desk.debug("doc().slices[0].devices[0].id")
    desk.select(node)
    look(desk, "#inspector", "one node", rules, found)
    desk.page.locator("#pane-node .device-row", has_text=device).first.click()
    look(desk, "#inspector", "one device", rules, found)
    for tab in ("circuit", "rest"):
        desk.tab(tab)
        look(desk, "#inspector", f"tab {tab}", rules, found)
    look_at_docks(desk, rules, found)
    look_at_help(desk, rules, found)
    desk.mode("build")
    desk.page.locator('#toolstrip [data-command="generate"]').click()
    desk.until("document.getElementById('generate-topology').value")
    look(desk, "#side", "generate", rules, found)
    desk.page.locator("#panel-generate .panel-head button").click()


def look_at_a_lesson(desk: Workspace, found: list[str]) -> None:
    """A lesson in both themes, its question answered in the first."""
    desk.page.locator("#topbar .brand").click()
    desk.page.locator("#gallery-lessons .lesson-card").first.click()
    desk.page.locator("#lesson input[type=radio]").first.check()
    desk.fresh()
    for rules in (RULES, CONTRAST):
        look(desk, "#lesson", "lesson", rules, found)
        if rules is RULES:
            desk.page.locator("#lesson .lesson-predict .button").click()
            desk.page.locator("#lesson .lesson-choice[data-mark]").first.wait_for()
            look(desk, "#lesson", "lesson, answered", rules, found)
        desk.page.locator("#theme-toggle").click()


def test_both_themes_have_no_violation(desk, axe):
    desk.page.add_style_tag(content=STILL)
    desk.page.evaluate(axe)
    desk.until("document.querySelector('#gallery-list .card-title')")
    found: list[str] = []
    look(desk, "html", "gallery", RULES, found)
    desk.press("t")
    look(desk, "html", "gallery, dark", CONTRAST, found)
    desk.press("t")
    desk.open_example("RC low-pass")
    look_everywhere(desk, RULES, found)
    desk.press("t")
    desk.until("document.documentElement.dataset.theme === 'dark'")
    look_everywhere(desk, CONTRAST, found)
    desk.press("t")
    look_at_a_lesson(desk, found)
    assert found == [], json.dumps(found, indent=1)
