"""Runs: all of them in a table; open, stop, resume, delete, compare."""

import dash_ag_grid as dag
from dash import ClientsideFunction, Dash, Input, Output

from .. import ids
from ..elements import box, command_button, text
from ..service import Service

STATES = ("running", "queued", "done", "failed", "cancelled", "lost")
RIGHT = {"type": "rightAligned", "headerClass": "ag-right-aligned-header"}
# With the column of boxes they fill the panel in a window 1280 wide; what is left is the name's.
COLUMNS = [
    {"field": "name", "headerName": "Run", "flex": 1, "minWidth": 100, "tooltipField": "id"},
    {
        "field": "state", "headerName": "State", "width": 106,
        "valueFormatter": {"function": "params.data.state_text"},
        "cellClassRules": {f"cell-{name}": f"params.value == '{name}'" for name in STATES},
    },
    {"field": "dataset", "headerName": "Data", "width": 92},
    {
        "field": "best", "headerName": "Best", "width": 68, "tooltipField": "hint",
        "valueFormatter": {"function": "params.data.best_text"}, **RIGHT,
    },
    {
        "field": "finer", "headerName": "4× finer", "width": 72, "tooltipField": "warning",
        "valueFormatter": {"function": "params.data.finer_text"},
        "cellClassRules": {"cell-warn": "params.data.warning != ''"}, **RIGHT,
    },
    {
        "field": "peak", "headerName": "Peak", "width": 66, **RIGHT,
        "valueFormatter": {"function": "params.data.peak_text"},
        "headerTooltip": "Largest voltage of any node in the test with four times the steps",
    },
    {"field": "time", "headerName": "Time", "width": 72, **RIGHT},
    {"field": "when", "headerName": "Started", "width": 90},
]  # fmt: skip


def layout(service: Service) -> dict[str, list]:
    """Children by component id."""
    del service
    entries = (
        ("runs-stop", "Stop", "stop", ""),
        ("runs-resume", "Resume", "play", ""),
        ("runs-delete", "Delete", "bin", "danger"),
    )
    buttons = [
        command_button(
            "mode", "Follow in Train", icon_name="train", argument="train", text="Follow in Train",
            css="button small",
        ),
        *(
            command_button(
                command, label, icon_name=mark, text=label, id=command, css=f"button small {more}"
            )
            for command, label, mark, more in entries
        ),
    ]  # fmt: skip
    head = box(
        [text("Runs", css="panel-title", tag="H2"), text("", id=ids.RUNS_COUNT, css="note")],
        css="panel-head",
    )
    return {
        ids.PANEL_RUNS: [
            head,
            box(buttons, css="button-row inset"),
            text("", id=ids.RUNS_NOTE, css="note inset", tag="P", role="status"),
            text("Reading the runs …", id=ids.RUNS_EMPTY, css="note runs-empty", tag="P"),
            _table_grid(),
            box(id=ids.RUNS_DIFFERENCES, css="run-differences off"),
            box(id=ids.RUNS_SWEEPS, css="run-sweeps off"),
        ]
    }


def _table_grid() -> dag.AgGrid:
    return dag.AgGrid(
        id=ids.RUNS_GRID,
        rowData=[],
        columnDefs=COLUMNS,
        defaultColDef={"sortable": True, "resizable": True, "suppressMovable": True},
        getRowId="params.data.id",
        dashGridOptions={
            "rowSelection": {"mode": "multiRow", "enableClickSelection": True},
            "selectionColumnDef": {"width": 40, "pinned": "left"},
            "rowHeight": 36,
            "headerHeight": 34,
            "animateRows": False,
            "suppressNoRowsOverlay": True,  # RUNS_EMPTY tells reading from none from no answer
            "suppressCellFocus": True,
        },
        className="runs-grid",
    )


def register(app: Dash, service: Service) -> None:
    """The chosen rows go to the browser, which does the rest (panels/runs_list.mjs)."""
    del service
    app.clientside_callback(
        ClientsideFunction("designer", "runs_chosen"),
        Output(ids.SINK, "data", allow_duplicate=True),
        Input(ids.RUNS_GRID, "selectedRows"),
        prevent_initial_call=True,
    )
