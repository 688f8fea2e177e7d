"""Small building blocks of the static page: boxes, icon buttons, labelled sections."""

from typing import Any

from dash import html

Children = Any
HIDDEN = {"aria_hidden": "true"}


def box(children: Children = None, *, id: str | None = None, css: str = "", **attributes: Any):
    """A ``div`` without a click listener: browser modules fill it, Dash leaves it alone.

    Keyword attributes use underscores for dashes (``aria_label``, ``data_command``).
    """
    return html.Div(children, disable_n_clicks=True, **_named(id, css, attributes))


def section(title: str, children: Children, *, id: str | None = None, css: str = ""):
    """A titled group of inputs in a side panel."""
    heading = html.H3(title, className="section-title", disable_n_clicks=True)
    return html.Section(
        [heading, *_as_list(children)], disable_n_clicks=True, **_named(id, f"section {css}", {})
    )


def icon(name: str):
    """A line drawing of assets/css/05-icons.css, invisible to screen readers."""
    return html.Span(disable_n_clicks=True, **_named(None, f"icon icon-{name}", HIDDEN))


def command_button(
    command: str,
    label: str,
    *,
    icon_name: str = "",
    argument: str = "",
    text: str = "",
    shortcut: str = "",
    id: str | None = None,
    css: str = "icon-button",
):
    """A button that the browser's command table runs.

    Args:
        command: name in assets/modules/lib/commands.mjs.
        label: name for screen readers and, with the shortcut, the tooltip.
        icon_name: icon in front of the text.
        argument: argument of the command.
        text: visible text, none for an icon alone.
        shortcut: key shown in the tooltip.
        id: id of the button.
        css: class names.
    """
    attributes = {"data-command": command, "aria-label": label, "data-tip": label}
    if argument:
        attributes["data-argument"] = argument
    if shortcut:
        attributes["data-key"] = shortcut
    inner = ([icon(icon_name)] if icon_name else []) + ([html.Span(text)] if text else [])
    return html.Button(inner, type="button", disable_n_clicks=True, **_named(id, css, attributes))


def action_button(id: str, text: str, *, icon_name: str = "", css: str = "button", **kwargs: Any):
    """A button whose clicks go to a Dash callback."""
    inner = ([icon(icon_name)] if icon_name else []) + [html.Span(text)]
    return html.Button(inner, id=id, type="button", className=css, n_clicks=0, **kwargs)


def text(
    children: str = "",
    *,
    id: str | None = None,
    css: str = "",
    tag: str = "Span",
    **attributes: Any,
):
    """A run of text whose ``children`` a callback may replace."""
    return getattr(html, tag)(children, disable_n_clicks=True, **_named(id, css, attributes))


def figure_stat(id: str, label: str, *, title: str = "", title_id: str | None = None):
    """A small labelled figure, such as the best accuracy of a run; out of sight while empty.

    Args:
        id: of the figure.
        label: what it is.
        title: more about it, as a tooltip.
        title_id: of the label, where it changes.
    """
    name = text(label, id=title_id, css="stat-label")
    more = {"title": title} if title else {}
    return box([name, text("–", id=id, css="stat-value")], css="stat", **more)


def attributes(**named: Any) -> dict[str, Any]:
    """HTML attributes for a component; ``aria_label`` becomes ``aria-label``."""
    return _named(None, "", named)


def _as_list(children: Children) -> list:
    return list(children) if isinstance(children, (list, tuple)) else [children]


def _named(id: str | None, css: str, attributes: dict[str, Any]) -> dict[str, Any]:
    """Properties of a component; ``aria_label`` becomes ``aria-label``."""
    named: dict[str, Any] = {
        name.replace("_", "-") if name.startswith(("aria_", "data_")) else name: value
        for name, value in attributes.items()
    }
    if id:
        named["id"] = id
    if css.strip():
        named["className"] = css.strip()
    return named
