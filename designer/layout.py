"""The static page: gallery and workspace. Callbacks change leaf properties only."""

from dash import dcc, html
from dash_cytoscape import Cytoscape
from dash_mantine_components import MantineProvider

from . import ids
from .elements import attributes, box, command_button, text
from .theme import MANTINE_THEME

MODES = (
    ("build", "Build", "1"),
    ("simulate", "Simulate", "2"),
    ("train", "Train", "3"),
    ("runs", "Runs", "4"),
    ("export", "Export", "5"),
)
LANES = (
    ("voltages", "Voltages"),
    ("currents", "Currents"),
    ("adjoint", "Adjoint λ"),
    ("energy", "Energy"),
)
LEARN_WORDS = (
    "Each step sets up the live studio, asks for a prediction, lets you act, and is checked by the "
    "running circuit."
)
OWN_LESSONS = (
    "Own lessons: drop a Markdown file on this page, or put it into the folder lessons of the "
    "studio's home."
)
TOOLS = (
    ("select", "Select and move", "V", "cursor"),
    ("node", "Add node", "N", "node"),
    ("device", "Draw device", "E", "device"),
    ("input", "Mark input node", "I", "input"),
    ("output", "Mark output node", "O", "output"),
    ("probe", "Pin to the scope", "P", "probe"),
    ("cut", "Cut", "X", "cut"),
)


def studio(panels: dict[str, list]) -> MantineProvider:
    """The whole page.

    Args:
        panels: children of the side panels and the dock, by component id; see `app.create_app`.
    """
    page = box(
        [
            gallery_page(),
            learn_page(),
            workspace_page(panels),
            *messages(),
            *stores(),
        ],
        id=ids.STUDIO,
    )
    return MantineProvider(
        page, id=ids.MANTINE, theme=MANTINE_THEME, forceColorScheme="light", withGlobalClasses=False
    )


def brand():
    """The mark and the name, a way back to the gallery."""
    return html.A(
        [box(css="brand-mark", aria_hidden="true"), text("Kirchhoff Studio", css="brand-name")],
        href="/",
        className="brand",
        disable_n_clicks=True,
        **attributes(data_command="home", aria_label="Kirchhoff Studio, to the gallery"),
    )


def hero():
    """The example that runs on the front page, and the three ways in."""
    return html.Section(
        [
            box(id=ids.GALLERY_HERO, css="hero-board", role="img", aria_label="A running circuit"),
            box(
                [
                    text("", id=ids.GALLERY_HERO_TITLE, css="hero-title", tag="H1"),
                    text("", id=ids.GALLERY_HERO_TEXT, css="hero-text", tag="P"),
                    box(
                        [
                            command_button(
                                "open-hero",
                                "Open this circuit",
                                text="Open this circuit",
                                id=ids.GALLERY_HERO_OPEN,
                                css="button primary",
                            ),
                            command_button(
                                "new-circuit",
                                "New circuit",
                                icon_name="node",
                                text="New circuit",
                                id=ids.GALLERY_NEW,
                                css="button",
                            ),
                            command_button(
                                "import",
                                "Open a file",
                                icon_name="import",
                                text="Open a file",
                                id=ids.GALLERY_OPEN,
                                css="button",
                            ),
                        ],
                        css="hero-actions",
                    ),
                ],
                css="hero-words",
            ),
        ],
        className="gallery-hero",
        disable_n_clicks=True,
    )


def gallery_page():
    """The front page: a running circuit, examples, recent circuits."""
    bar = html.Header(
        [
            brand(),
            box(css="grow"),
            command_button("shortcuts", "Keyboard shortcuts", icon_name="help", shortcut="?"),
            command_button("theme", "Light or dark", icon_name="theme", shortcut="T"),
        ],
        className="gallery-bar",
        disable_n_clicks=True,
    )
    return html.Main(
        [
            bar,
            box(
                [
                    hero(),
                    box(id=ids.GALLERY_RUNS),
                    text("Lessons", css="gallery-heading", tag="H2"),
                    box(id=ids.GALLERY_LESSONS, css="lesson-list"),
                    text("Examples", css="gallery-heading", tag="H2"),
                    box(id=ids.GALLERY_LIST, css="gallery-list"),
                    text("Recent circuits", css="gallery-heading", tag="H2"),
                    box(id=ids.GALLERY_RECENT, css="gallery-recent"),
                ],
                css="gallery-body",
            ),
        ],
        id=ids.PAGE_GALLERY,
        className="page",
        disable_n_clicks=True,
    )


def learn_page():
    """The page of lessons."""
    bar = html.Header(
        [
            brand(),
            box(css="grow"),
            command_button("import", "Open a lesson file", icon_name="import", shortcut="Ctrl+O"),
            command_button("shortcuts", "Keyboard shortcuts", icon_name="help", shortcut="?"),
            command_button("theme", "Light or dark", icon_name="theme", shortcut="T"),
        ],
        className="gallery-bar",
        disable_n_clicks=True,
    )
    return html.Main(
        [
            bar,
            box(
                [
                    text("Lessons", css="hero-title", tag="H1"),
                    text(LEARN_WORDS, css="hero-text", tag="P"),
                    box(id=ids.LEARN_LIST, css="lesson-list"),
                    text(OWN_LESSONS, css="muted", tag="P"),
                ],
                css="gallery-body learn-body",
            ),
        ],
        id=ids.PAGE_LEARN,
        className="page",
        disable_n_clicks=True,
    )


def workspace_page(panels: dict[str, list]):
    """The workspace; it stays mounted while modes change."""
    return html.Main(
        [*ways_past(), lesson(), topbar(), toolstrip(), board(), side(panels), dock(panels)],
        id=ids.PAGE_WORKSPACE,
        className="page",
        disable_n_clicks=True,
    )


def lesson():
    """The text of a lesson, left of the workspace that it speaks of; before it in the Tab order."""
    return html.Section(
        id=ids.LESSON, disable_n_clicks=True, **attributes(aria_label="Lesson", role="region")
    )


def ways_past() -> list:
    """Links for the Tab key, seen while they have the focus: the board is long."""
    return [
        html.A(
            label,
            href=f"#{ids.SIDE}",
            className="skip-link",
            disable_n_clicks=True,
            **attributes(data_command=command),
        )
        for command, label in (
            ("skip-board", "Past the board, to its properties"),
            ("table", "Table of nodes and devices"),
        )
    ]


def topbar():
    """Name, saved mark, modes, undo and redo, theme, help."""
    modes = [
        command_button("mode", label, text=label, argument=mode, shortcut=key, css="segment")
        for mode, label, key in MODES
    ]
    left = [
        brand(),
        box(id=ids.CIRCUIT_NAME_SLOT, css="circuit-name-slot"),
        text("", id=ids.SAVED_BADGE, css="saved-badge", role="status"),
    ]
    right = [
        html.Button(
            [box(css="run-chip-dot"), text("", id=ids.RUN_CHIP_TEXT)],
            id=ids.RUN_CHIP,
            type="button",
            className="run-chip",
            hidden=True,
            disable_n_clicks=True,
            **attributes(data_command="mode", data_argument="train", aria_label="Show the run"),
        ),
        command_button("undo", "Undo", icon_name="undo", shortcut="Ctrl+Z"),
        command_button("redo", "Redo", icon_name="redo", shortcut="Ctrl+Shift+Z"),
        box(css="divider"),
        command_button("import", "Open a file", icon_name="import", shortcut="Ctrl+O"),
        command_button(
            "palette", "Find a command, node, device or run", icon_name="search", shortcut="Ctrl+K"
        ),
        command_button(
            "theme", "Light or dark", icon_name="theme", shortcut="T", id=ids.THEME_TOGGLE
        ),
        command_button(
            "shortcuts", "Keyboard shortcuts", icon_name="help", shortcut="?", id=ids.HELP
        ),
    ]
    return html.Header(
        [
            box(left, css="topbar-left"),
            box(modes, id=ids.MODE_SWITCH, css="segments", role="group", aria_label="Mode"),
            box(right, css="topbar-right"),
        ],
        id=ids.TOPBAR,
        disable_n_clicks=True,
    )


def toolstrip():
    """Tools that change what the pointer does, then actions."""
    tools = [
        command_button("tool", label, icon_name=mark, argument=tool, shortcut=key, css="tool")
        for tool, label, key, mark in TOOLS
    ]
    actions = [
        command_button(
            "generate", "Generate a circuit", icon_name="generate", shortcut="G", css="tool"
        ),
        command_button("layout", "Arrange", icon_name="arrange", shortcut="L", css="tool"),
        command_button("fit", "Fit to view", icon_name="fit", shortcut="F", css="tool"),
        command_button("delete", "Delete", icon_name="bin", shortcut="Del", css="tool"),
    ]
    return html.Nav(
        [*tools, box(css="tool-divider"), *actions],
        id=ids.TOOLSTRIP,
        disable_n_clicks=True,
        **attributes(aria_label="Tools"),
    )


def board():
    """The canvas: cytoscape for hits and drags, overlay canvases added by the browser."""
    canvas = Cytoscape(
        id=ids.BOARD_CY,
        elements=[],
        layout={"name": "preset"},
        autoRefreshLayout=False,
        style={"position": "absolute", "inset": 0, "width": "100%", "height": "100%"},
    )
    return box(
        [
            canvas,
            box(id=ids.BOARD_PROBLEMS, css="board-corner top-left"),
            box(id=ids.BOARD_LEGEND, css="board-corner bottom-left"),
            box(id=ids.BOARD_HINT, css="board-corner bottom-right"),
            box(id=ids.BOARD_MINIMAP, css="board-corner top-right"),
        ],
        id=ids.BOARD,
        role="application",
        tabIndex=0,
        aria_label="Circuit board",
    )


def side(panels: dict[str, list]):
    """The right column: the inspector, or the panel of the mode."""
    return html.Aside(
        [
            box(id=ids.INSPECTOR),
            box(panels[ids.PANEL_GENERATE], id=ids.PANEL_GENERATE, css="panel"),
            box(panels[ids.PANEL_TRAIN], id=ids.PANEL_TRAIN, css="panel"),
            box(panels[ids.PANEL_RUNS], id=ids.PANEL_RUNS, css="panel"),
            box(panels[ids.PANEL_EXPORT], id=ids.PANEL_EXPORT, css="panel"),
        ],
        id=ids.SIDE,
        disable_n_clicks=True,
        **attributes(aria_label="Properties"),
    )


def dock(panels: dict[str, list]):
    """The bottom: transport and scope, or the curves of a run."""
    lanes = [
        command_button("lane", label, text=label, argument=lane, css="segment")
        for lane, label in LANES
    ]
    lanes.append(command_button("bode", "Bode plot of small signals", text="Bode", css="segment"))
    lanes.append(command_button("table", "Table of nodes and devices", text="Table", css="segment"))
    bar = box(
        [
            box(id=ids.TRANSPORT),
            box(lanes, id=ids.LANE_SWITCH, css="segments", role="group", aria_label="Lane"),
            box(css="grow"),
            command_button(
                "dock", "Collapse or open", icon_name="chevron", css="icon-button dock-toggle"
            ),
        ],
        id=ids.DOCK_BAR,
    )
    handle = box(
        id=ids.DOCK_HANDLE,
        role="separator",
        tabIndex=0,
        aria_label="Height of the dock",
        aria_orientation="horizontal",
        aria_valuenow="236",
        aria_valuemin="120",
    )
    return html.Footer(
        [
            handle,
            box(id=ids.EPOCH_RULER, css="epoch-ruler", hidden=True),
            bar,
            box(box(id=ids.SCOPE), id=ids.DOCK_SIMULATE, css="dock-body"),
            box(box(id=ids.BODE), id=ids.DOCK_FREQUENCY, css="dock-body"),
            box(box(id=ids.SHEET), id=ids.DOCK_TABLE, css="dock-body"),
            box(panels[ids.DOCK_TRAIN], id=ids.DOCK_TRAIN, css="dock-body"),
            box(panels[ids.DOCK_EXPORT], id=ids.DOCK_EXPORT, css="dock-body"),
        ],
        id=ids.DOCK,
        disable_n_clicks=True,
    )


def messages() -> list:
    """Toast, banner, dialogs, live region and the slots of native inputs."""
    return [
        box(id=ids.BANNER, role="status"),
        box(id=ids.TOAST, role="status", aria_live="polite"),
        html.Dialog(id=ids.DIALOG_SHORTCUTS, className="dialog", disable_n_clicks=True),
        html.Dialog(id=ids.DIALOG_PALETTE, className="dialog palette", disable_n_clicks=True),
        box(id=ids.FILE_INPUT_SLOT, hidden=True),
        box(id=ids.A11Y_LIVE, css="visually-hidden", aria_live="polite"),
    ]


def stores() -> list:
    """Every store from the start: `set_props` on a later one would not fire callbacks."""
    names = [
        ids.DOC_OUT, ids.DOC_IN, ids.SELECTION, ids.TOAST_IN, ids.MODE_OUT, ids.THEME_OUT,
        ids.RUN_SELECTED, ids.TRAIN_FILLED, ids.TRAIN_OPTIONS, ids.TRAIN_RECIPE,
        ids.SINK,
    ]  # fmt: skip
    return [
        *(dcc.Store(id=name) for name in names),
        *(dcc.Store(id=ids.figure(box_id)) for box_id in ids.FIGURES),
        dcc.Download(id=ids.DOWNLOAD),
    ]
