import re
from collections import Counter
from pathlib import Path

import pytest
from dash.development.base_component import Component

from designer import ids
from designer.paths import assets_dir


@pytest.fixture
def tree(app):
    page = app.layout()
    return [page, *page._traverse()]


def components(tree):
    return [part for part in tree if isinstance(part, Component)]


def known_ids(tree):
    return [part.id for part in components(tree) if getattr(part, "id", None)]


def test_every_id_is_used_once(tree):
    repeated = [id for id, count in Counter(known_ids(tree)).items() if count > 1]
    assert repeated == []


def test_every_declared_id_is_on_the_page(tree):
    declared = {v for n, v in vars(ids).items() if n.isupper() and isinstance(v, str)}
    assert declared - set(known_ids(tree)) == set()


def test_every_id_a_callback_names_is_on_the_page(app, tree):
    named = set()
    for key, callback in app.callback_map.items():
        named |= {part["id"] for part in callback["inputs"] + callback["state"]}
        named |= {match for match in re.findall(r"([\w-]+)\.\w+", key.split("@")[0])}
    assert named - set(known_ids(tree)) == set()


def test_no_callback_returns_children_with_components(app):
    """Dash 4.4.1 mounts returned components anew, so callbacks may only set leaf properties."""
    containers = {ids.SIDE, ids.DOCK, ids.BOARD, ids.STUDIO, ids.PANEL_TRAIN, ids.PANEL_RUNS}
    for key in app.callback_map:
        for id in containers:
            assert f"{id}.children" not in key


def test_buttons_without_text_have_a_name(tree):
    from dash import html

    for part in components(tree):
        if isinstance(part, html.Button):
            props = part.to_plotly_json()["props"]
            spans = [child for child in part._traverse() if isinstance(child, html.Span)]
            has_text = any(isinstance(child.children, str) and child.children for child in spans)
            assert has_text or props.get("aria-label"), props


def test_every_icon_has_a_drawing(tree):
    drawn = Path(assets_dir(), "css", "05-icons.css").read_text(encoding="utf-8")
    used = {
        name
        for part in components(tree)
        for name in (getattr(part, "className", None) or "").split()
        if name.startswith("icon-") and name != "icon-button"
    }
    assert {name for name in used if f".{name} {{" not in drawn} == set()


def test_style_sheets_and_scripts_ask_nobody_else():
    for path in assets_dir().rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"url\([\"']?(https?:)?//", text), path
        assert "@import" not in text, path


def test_tokens_exist_in_both_themes():
    text = Path(assets_dir(), "css", "00-tokens.css").read_text(encoding="utf-8")
    light, dark = text.split('[data-theme="dark"]')
    colours = set(re.findall(r"(--[\w-]+):", light.split('[data-theme="light"]')[1]))
    assert colours == set(re.findall(r"(--[\w-]+):", dark))
    assert {"--bg", "--surface", "--line", "--text", "--muted", "--accent"} <= colours
