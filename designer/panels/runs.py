"""Runs: all of them in a table; open, stop, resume, delete, compare."""

from collections.abc import Mapping
from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, no_update

from .. import figures, ids
from ..elements import action_button, box, command_button, text
from ..service import Service, StudioError
from ..wording import SCORE_HINTS, SCORE_TITLES, ago, duration, figure, toast, volts

STATES = ("running", "queued", "done", "failed", "cancelled", "lost")
INVITATION = "Choose several runs to compare their curves."
RIGHT = {"type": "rightAligned", "headerClass": "ag-right-aligned-header"}
COLUMNS = [
    {"field": "name", "headerName": "Run", "flex": 1, "minWidth": 110, "tooltipField": "id"},
    {
        "field": "state", "headerName": "State", "width": 100,
        "valueFormatter": {"function": "params.data.state_text"},
        "cellClassRules": {f"cell-{name}": f"params.value == '{name}'" for name in STATES},
    },
    {"field": "dataset", "headerName": "Data", "width": 96},
    {
        "field": "best", "headerName": "Best test", "width": 102, "tooltipField": "hint",
        "valueFormatter": {"function": "params.data.best_text"}, **RIGHT,
    },
    {
        "field": "finer", "headerName": "4× finer", "width": 90, "tooltipField": "warning",
        "valueFormatter": {"function": "params.data.finer_text"},
        "cellClassRules": {"cell-warn": "params.data.warning != ''"}, **RIGHT,
    },
    {
        "field": "peak", "headerName": "Peak", "width": 72, **RIGHT,
        "valueFormatter": {"function": "params.data.peak_text"},
        "headerTooltip": "Largest voltage of any node in the test with four times the steps",
    },
    {"field": "time", "headerName": "Time", "width": 88, **RIGHT},
    {"field": "when", "headerName": "Started", "width": 100},
]  # fmt: skip


def layout(service: Service) -> dict[str, list]:
    """Children by component id."""
    del service
    entries = (
        (ids.RUNS_STOP, "Stop", "stop", ""),
        (ids.RUNS_RESUME, "Resume", "play", ""),
        (ids.RUNS_DELETE, "Delete", "bin", "danger"),
    )
    buttons = [
        command_button(
            "mode", "Follow in Train", icon_name="train", argument="train", text="Follow in Train",
            css="button small",
        ),
        *(
            action_button(id, label, icon_name=mark, css=f"button small {more}", disabled=True)
            for id, label, mark, more in entries
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
            text(
                INVITATION,
                id=ids.RUNS_NOTE,
                css="note inset",
                tag="P",
                role="status",
            ),
            _table_grid(),
            _delete_dialog(),
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
            "localeText": {"noRowsToShow": "No runs yet. Start one in Train."},
            "suppressCellFocus": True,
        },
        className="runs-grid",
    )


def _delete_dialog() -> dmc.Modal:
    return dmc.Modal(
        id=ids.RUNS_DELETE_MODAL,
        title="Delete runs",
        opened=False,
        centered=True,
        size="sm",
        children=[
            text("", id=ids.RUNS_DELETE_TEXT, tag="P"),
            box(
                [
                    action_button(ids.RUNS_DELETE_NO, "Keep them", css="button"),
                    action_button(ids.RUNS_DELETE_YES, "Delete", css="button danger"),
                ],
                css="button-row end",
            ),
        ],
    )


def table(service: Service) -> list[dict[str, Any]]:
    """The rows of the table, newest first."""
    titles = service.datasets.titles()
    return [
        {
            "id": run["id"],
            "name": run["name"],
            "state": run["state"],
            "state_text": _state(run),
            "dataset": titles.get(run["dataset"], run["dataset"]),
            **_figures(run),
            "time": duration(run["seconds"]),
            "when": ago(run["started"]),
            "active": run["state"] in ("running", "queued"),
            "resumable": run["state"] in ("cancelled", "failed", "lost"),
        }
        for run in service.training.recent()
    ]


def _state(run: Mapping[str, Any]) -> str:
    """The state, with how far a run has come that did not reach its end."""
    if run["state"] in ("done", "queued"):
        return run["state"]
    return f"{run['state']} {100 * run['progress']:.0f} %"


def _figures(run: Mapping[str, Any]) -> dict[str, Any]:
    """Best test figure, the same with finer solving, and peak voltage; numbers to sort by."""
    found, score = run["figures"], run["score"] or "loss"
    best, finer = found.get(f"best_{score}"), found.get(f"finer_{score}")
    peak = found.get("peak_voltage")
    title = SCORE_TITLES[score].removeprefix("Test ")
    short = "" if score == "accuracy" or best is None else f"{title} "
    return {
        "best": best,
        "best_text": short + figure(score, best),
        "finer": finer,
        "finer_text": "" if finer is None else figure(score, finer),
        "peak": peak,
        "peak_text": "" if peak is None else volts(peak),
        "hint": SCORE_HINTS.get(score, ""),
        "warning": run["warning"],
    }


def register(app: Dash, service: Service) -> None:
    """Callbacks."""

    @app.callback(
        Output(ids.RUNS_GRID, "rowData"),
        Output(ids.RUNS_COUNT, "children"),
        Input(ids.MODE_OUT, "data"),
        Input(ids.POLL, "n_intervals"),
        Input(ids.RUN_SEEN, "data"),
        State(ids.RUNS_GRID, "rowData"),
    )
    def refresh(mode, _tick, _seen, shown):
        if mode != "runs":
            return no_update, no_update
        rows = table(service)
        if rows == shown:
            return no_update, no_update
        active = sum(row["active"] for row in rows)
        return rows, f"{len(rows)} in all" + (f", {active} active" if active else "")

    @app.callback(
        Output(ids.RUNS_STOP, "disabled"),
        Output(ids.RUNS_RESUME, "disabled"),
        Output(ids.RUNS_DELETE, "disabled"),
        Input(ids.RUNS_GRID, "selectedRows"),
        Input(ids.RUNS_GRID, "rowData"),
        prevent_initial_call=True,
    )
    def allow(chosen, rows):
        rows = _present(chosen, rows)
        return (
            not any(row["active"] for row in rows),
            not any(row["resumable"] for row in rows),
            not rows or any(row["active"] for row in rows),
        )

    @app.callback(
        Output(ids.RUN_SELECTED, "data", allow_duplicate=True),
        Output(ids.figure(ids.TRAIN_CURVES), "data", allow_duplicate=True),
        Output(ids.TRAIN_EXTRA_BOX, "className", allow_duplicate=True),
        Output(ids.TRAIN_EMPTY, "className", allow_duplicate=True),
        Output(ids.RUNS_NOTE, "children", allow_duplicate=True),
        Output(ids.RUNS_NOTE, "className", allow_duplicate=True),
        Input(ids.RUNS_GRID, "selectedRows"),
        State(ids.THEME_OUT, "data"),
        prevent_initial_call=True,
    )
    def show(chosen, theme):
        """One chosen run is followed, several are compared; what is to be doubted is said."""
        note = _doubt(chosen or [])
        if not chosen:
            return (*(no_update,) * 4, *note)
        if len(chosen) == 1:
            return chosen[0]["id"], no_update, no_update, no_update, *note
        runs = [(row["name"], service.training.rows(row["id"])) for row in chosen]
        return no_update, figures.comparison(runs, theme), "extra off", "dock-empty off", *note

    _register_steering(app, service)


def _doubt(chosen: list[dict[str, Any]]) -> tuple[str, str]:
    """Text and class of the note: the first warning about the chosen runs, else what to do."""
    warned = [row for row in chosen if row["warning"]]
    if not warned:
        return INVITATION, "note inset"
    name = f"{warned[0]['name']}: " if len(chosen) > 1 else ""
    return f"{name}{warned[0]['warning']}", "note inset warn"


def _present(chosen: list[dict] | None, rows: list[dict] | None) -> list[dict[str, Any]]:
    """The chosen rows as they are now; the grid keeps them as they were when chosen."""
    ids_chosen = {row["id"] for row in chosen or []}
    return [row for row in rows or [] if row["id"] in ids_chosen]


def _register_steering(app: Dash, service: Service) -> None:
    @app.callback(
        Output(ids.RUNS_NOTE, "children"),
        Output(ids.RUNS_NOTE, "className"),
        Output(ids.RUNS_GRID, "rowData", allow_duplicate=True),
        Output(ids.RUN_SEEN, "data", allow_duplicate=True),
        Input(ids.RUNS_STOP, "n_clicks"),
        Input(ids.RUNS_RESUME, "n_clicks"),
        State(ids.RUNS_GRID, "selectedRows"),
        State(ids.RUNS_GRID, "rowData"),
        prevent_initial_call=True,
    )
    def steer(_stop, _resume, chosen, rows):
        stop = ctx.triggered_id == ids.RUNS_STOP
        fits = "active" if stop else "resumable"
        wanted = [row["id"] for row in _present(chosen, rows) if row[fits]]
        action = service.training.stop if stop else service.training.resume
        try:
            for id in wanted:
                action(id)
        except StudioError as error:
            return str(error), "note inset error", table(service), no_update
        words = "Stopping after the present step." if stop else "Going on from the last checkpoint."
        return words, "note inset", table(service), None

    @app.callback(
        Output(ids.RUNS_DELETE_MODAL, "opened"),
        Output(ids.RUNS_DELETE_TEXT, "children"),
        Input(ids.RUNS_DELETE, "n_clicks"),
        Input(ids.RUNS_DELETE_NO, "n_clicks"),
        State(ids.RUNS_GRID, "selectedRows"),
        prevent_initial_call=True,
    )
    def ask(_delete, _no, rows):
        if ctx.triggered_id == ids.RUNS_DELETE_NO or not rows:
            return False, no_update
        names = ", ".join(row["name"] for row in rows[:5]) + (" and more" if len(rows) > 5 else "")
        return True, f"{names}: curves, checkpoints and stored epochs are removed for good."

    @app.callback(
        Output(ids.RUNS_DELETE_MODAL, "opened", allow_duplicate=True),
        Output(ids.RUNS_GRID, "rowData", allow_duplicate=True),
        Output(ids.RUNS_GRID, "selectedRows"),
        Output(ids.RUN_SELECTED, "data", allow_duplicate=True),
        Output(ids.TOAST_IN, "data", allow_duplicate=True),
        Input(ids.RUNS_DELETE_YES, "n_clicks"),
        State(ids.RUNS_GRID, "selectedRows"),
        State(ids.RUN_SELECTED, "data"),
        prevent_initial_call=True,
    )
    def delete(_clicks, rows, selected):
        gone = [row["id"] for row in rows or []]
        try:
            for id in gone:
                service.training.delete(id)
        except StudioError as error:
            return False, table(service), [], no_update, toast(str(error), "error")
        words = f"Deleted {len(gone)} run{'s' if len(gone) != 1 else ''}."
        return False, table(service), [], None if selected in gone else no_update, toast(words)
