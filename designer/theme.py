"""Mantine's theme in the studio's own colours and radii (see assets/css/00-tokens.css)."""

from typing import Any

# Ten shades, light to dark; Mantine takes shade 6 on light and shade 8 on dark grounds.
_INDIGO = [
    "#eef1ff", "#dce2fd", "#b7c3fa", "#8fa1f6", "#6d84f2",
    "#5771ef", "#4a66ee", "#3a55d4", "#4f69e0", "#24399a",
]  # fmt: skip

MANTINE_THEME: Any = {
    "primaryColor": "studio",
    "colors": {"studio": _INDIGO},
    "fontFamily": "var(--font)",
    "fontFamilyMonospace": "var(--mono)",
    "defaultRadius": "md",
    "radius": {"md": "7px"},
    "fontSizes": {"xs": "12px", "sm": "13px", "md": "14px"},
    "cursorType": "pointer",
    "respectReducedMotion": True,
}
