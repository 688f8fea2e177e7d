"""Follow a run: curves while it learns, stored epochs on the board; its inputs stand in train."""

from dash import Dash, Input, Output, State, ctx, no_update

from .. import figures, ids
from ..run_view import card, extra_figure, run_figures, view_of
from ..service import Service, StudioError

FOLLOW_OUTPUTS = (
    Output(ids.RUN_SEEN, "data"),
    Output(ids.figure(ids.TRAIN_CURVES), "data"),
    Output(ids.figure(ids.TRAIN_EXTRA), "data"),
    Output(ids.TRAIN_EXTRA_BOX, "className"),
    Output(ids.TRAIN_EMPTY, "className"),
    Output(ids.TRAIN_RUN_CARD, "className"),
    Output(ids.TRAIN_RUN_TITLE, "children"),
    Output(ids.TRAIN_RUN_STATE, "children"),
    Output(ids.TRAIN_RUN_STATE, "className"),
    Output(ids.TRAIN_PROGRESS, "style"),
    Output(ids.TRAIN_PROGRESS_TEXT, "children"),
    Output(ids.TRAIN_STAT_LOSS, "children"),
    Output(ids.TRAIN_STAT_SCORE_TITLE, "children"),
    Output(ids.TRAIN_STAT_SCORE, "children"),
    Output(ids.TRAIN_STAT_BEST, "children"),
    Output(ids.TRAIN_STAT_FIT, "children"),
    Output(ids.TRAIN_STAT_FINER, "children"),
    Output(ids.TRAIN_STAT_PEAK, "children"),
    Output(ids.TRAIN_STAT_TIME, "children"),
    Output(ids.TRAIN_WARNING, "children"),
    Output(ids.TRAIN_STOP, "hidden"),
    Output(ids.TRAIN_RESUME, "hidden"),
    Output(ids.TRAIN_OPEN, "hidden"),
    Output(ids.RUN_CHIP, "hidden"),
    Output(ids.RUN_CHIP_TEXT, "children"),
    Output(ids.TRAIN_REPLAY_CARD, "className"),
    Output(ids.TRAIN_EPOCH, "max"),
)

CARD = len(FOLLOW_OUTPUTS) - 10  # of these, what stays when no run is followed


def layout(service: Service) -> dict[str, list]:
    """Nothing of its own."""
    del service
    return {}


def register(app: Dash, service: Service) -> None:
    """Callbacks."""
    _register_poll(app)
    _register_follow(app, service)
    _register_reattach(app, service)
    _register_replay(app, service)


def _register_poll(app: Dash) -> None:
    @app.callback(
        Output(ids.POLL, "disabled"),
        Output(ids.POLL, "interval"),
        Input(ids.MODE_OUT, "data"),
        Input(ids.VISIBLE_OUT, "data"),
        Input(ids.RUN_SEEN, "data"),
        Input(ids.RUN_SELECTED, "data"),
    )
    def poll(mode, visible, seen, selected):
        """Twice a second while a run is followed, rarely while one goes on elsewhere, else off."""
        active = bool(selected) and (not seen or seen.get("id") != selected or seen.get("active"))
        if not visible or not active:
            return True, 500
        return False, 500 if mode in ("train", "runs") else 4000


def _register_follow(app: Dash, service: Service) -> None:
    @app.callback(
        *FOLLOW_OUTPUTS,
        Input(ids.POLL, "n_intervals"),
        Input(ids.RUN_SELECTED, "data"),
        Input(ids.THEME_OUT, "data"),
        Input(ids.MODE_OUT, "data"),
        State(ids.RUN_SEEN, "data"),
        State(ids.RUN_REF, "data"),
        State(ids.RUNS_GRID, "selectedRows"),
        prevent_initial_call=True,
    )
    def follow(_tick, id, theme, mode, seen, replayed, chosen):
        if not id:
            blank = figures.empty(theme)
            return (None, blank, blank, "extra off", "dock-empty", "section off",
                    *[no_update] * CARD, True, "", "section off", no_update)  # fmt: skip
        try:
            view = view_of(service, id)
        except StudioError as error:
            before = 9  # outputs in front of the line about the progress
            after = len(FOLLOW_OUTPUTS) - before - 2
            return (
                {"id": id, "active": False},
                *[no_update] * before,
                str(error),
                *[no_update] * after,
            )
        fresh = seen if set(ctx.triggered_prop_ids.values()) == {ids.POLL} else None
        if replayed and replayed["id"] == id:
            view["shown"] = replayed["epoch"]
        curves, extra = run_figures(service, view, theme, fresh)
        if mode == "runs" and len(chosen or []) > 1:  # the comparison stands there
            curves = no_update
        return (
            {key: view[key] for key in ("id", "active", "count", "shown")},
            curves,
            extra,
            "extra" if view["frames"] else "extra off",
            "dock-empty off",
            "section",
            *card(view),
            "section" if view["frames"] else "section off",
            max(1, len(view["frames"]) - 1),
        )


def _register_reattach(app: Dash, service: Service) -> None:
    @app.callback(
        Output(ids.RUN_SELECTED, "data", allow_duplicate=True),
        Input(ids.MODE_OUT, "data"),
        State(ids.RUN_SELECTED, "data"),
        prevent_initial_call="initial_duplicate",
    )
    def reattach(mode, selected):
        """After a reload: go on with the run that is active, else show the newest one."""
        if selected or mode not in ("build", "simulate", "train", "runs", "export"):
            return no_update
        found = service.training.recent()
        active = [run["id"] for run in found if run["state"] in ("running", "queued")]
        if active:
            return active[0]
        return found[0]["id"] if found and mode == "train" else no_update


def _register_replay(app: Dash, service: Service) -> None:
    @app.callback(
        Output(ids.RUN_REF, "data"),
        Output(ids.TRAIN_EPOCH_TEXT, "children"),
        Output(ids.figure(ids.TRAIN_EXTRA), "data", allow_duplicate=True),
        Input(ids.TRAIN_EPOCH, "value"),
        State(ids.RUN_SELECTED, "data"),
        State(ids.THEME_OUT, "data"),
        prevent_initial_call=True,
    )
    def replay(place, id, theme):
        try:
            epochs = [found["epoch"] for found in service.training.frames(id)] if id else []
            if not epochs:
                return no_update, no_update, no_update
            epoch = epochs[min(int(place or 0), len(epochs) - 1)]
            extra = extra_figure(service, id, epoch, theme)
        except StudioError as error:
            return no_update, str(error), no_update
        words = f"Epoch {epoch} of {epochs[-1]}, the same example at every epoch."
        name = service.training.show(id)["name"]
        return {"id": id, "name": name, "epoch": epoch, "epochs": epochs}, words, extra

    @app.callback(
        Output(ids.TRAIN_EPOCH_TEXT, "children", allow_duplicate=True),
        Input(ids.RUN_SELECTED, "data"),
        prevent_initial_call=True,
    )
    def invite(_id):
        return "Drag to watch one example at every stored epoch on the board."
