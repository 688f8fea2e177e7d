"""The HTML of a page that plays by itself: style, code and contents in one file.

Nothing is fetched. The policy in the head names style and scripts by their hashes and allows no
connection of any kind. Style and code are deflated: a page is a third as long as it would be.
"""

import base64
import hashlib
import html
import json
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from ..paths import assets_dir
from .modules import ModuleError, from_folder
from .payload import Part, packed

ENTRY = "player/page.mjs"
LOADER = "player/loader.mjs"
CURVES = "vendor/uplot/uPlot.iife.min.js"
STYLES = (
    "vendor/uplot/uPlot.min.css",
    "css/00-tokens.css",
    "css/05-icons.css",
    "css/10-shell.css",
    "css/11-buttons.css",
    "css/12-regions.css",
    "css/30-board.css",
    "css/40-transport.css",
    "css/41-scope.css",
    "css/44-messages.css",
    "css/45-pictures.css",
    "modules/player/page.css",
)

TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Kirchhoff Studio">
<title>{title}</title>
</head>
<body>
<p id="page-wait">This page draws with scripts of its own; switch scripts on to see it.</p>
<script type="text/plain" id="page-contents">{contents}</script>
<script type="text/plain" id="page-code">{code}</script>
<script type="module">{loader}</script>
</body>
</html>
"""


def page(words: Mapping[str, Any], parts: Sequence[Part]) -> str:
    """One HTML file that needs nothing else.

    Args:
        words: what the page says, with its ``title``; fit for JSON.
        parts: trajectories and pictures.
    """
    policy, code, loader = _shared(assets_dir())
    return TEMPLATE.format(
        policy=policy,
        title=html.escape(" ".join(str(words["title"]).split())[:200]),
        contents=packed(words, parts),
        code=code,
        loader=loader,
    )


@cache
def _shared(folder: Path) -> tuple[str, str, str]:
    """Policy, packed style and code, and loader: the same for every page."""
    modules = folder / "modules"
    style = "\n".join(_text(folder / name) for name in STYLES)
    scripts = [_text(folder / CURVES), from_folder(modules, ENTRY)]
    loader = from_folder(modules, LOADER)
    if "</script" in loader.lower():
        raise ModuleError(f"{LOADER} holds what would end its element")
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(_hash(text) for text in (loader, *scripts))}",
            f"style-src {_hash(style)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    code = zlib.compress(json.dumps([style, *scripts]).encode(), 9)
    return policy, base64.b64encode(code).decode("ascii"), loader


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
    return f"'sha256-{digest}'"
