"""Train: choose data and circuit, start, follow, replay."""

import json
import secrets
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update

from .. import forms, ids, serialize
from ..api.asking import turn
from ..elements import action_button, box, command_button, figure_stat, section, text
from ..service import METRICS, Service, StudioError, placed
from ..wording import toast

FORM = "train"
FRAMES = 200  # stored epochs of a run, however long it is
GROUP = "settings"
BEST = "Of all epochs, by the validation set where there is one, else by the test set"
MAIN = ("epochs", "batch_size", "learning_rate", "weight_decay", "label_smoothing", "seed")


def layout(service: Service) -> dict[str, list]:
    """Children by component id."""
    return {
        ids.PANEL_TRAIN: [
            _run_card(),
            _replay(),
            _breaking(),
            _chooser(service),
            _settings(service),
        ],
        ids.DOCK_TRAIN: [
            # The curves' titles and units; the browser knows no metric by its name.
            box(id=ids.TRAIN_CURVES, css="graph", data_metrics=json.dumps(serialize.metrics())),
            box(
                box(id=ids.TRAIN_EXTRA, css="graph"),
                id=ids.TRAIN_EXTRA_BOX,
                css="extra off",
            ),
            text("Looking for runs …", id=ids.TRAIN_EMPTY, css="dock-empty", tag="P"),
        ],
    }


def _chooser(service: Service):
    return section(
        "New run",
        [
            dmc.Select(
                id=ids.TRAIN_DATASET,
                label="Data set",
                size="xs",
                data=service.datasets.menu(),
                value="two_moons",
                allowDeselect=False,
                maxDropdownHeight=420,
            ),
            box(id=ids.TRAIN_DATA, css="data"),
            # Filled with what learns the chosen data: asking here would wait for torch.
            dmc.Select(
                id=ids.TRAIN_MODEL,
                label="Model",
                size="xs",
                data=[],
                placeholder="Reading …",
                allowDeselect=False,
            ),
            box(
                dmc.Select(
                    id=ids.TRAIN_RECIPES, label="Recipe", size="xs", data=[], allowDeselect=False
                ),
                id=ids.TRAIN_RECIPES_BOX,
                css="off",
            ),
            box(
                dmc.SegmentedControl(
                    id=ids.TRAIN_SOURCE,
                    data=[
                        {"value": "builtin", "label": "Built-in circuit"},
                        {"value": "open", "label": "The open circuit"},
                    ],
                    value="builtin",
                    size="xs",
                    fullWidth=True,
                ),
                id=ids.TRAIN_SOURCE_BOX,
            ),
            box(id=ids.TRAIN_CIRCUIT),
            dmc.TextInput(
                id=ids.TRAIN_NAME, label="Name of the run", size="xs", placeholder="optional"
            ),
        ],
    )


def _settings(service: Service):
    params = _main_params(service)
    fields = html.Fieldset(
        forms.grid(FORM, GROUP, params),
        id=ids.TRAIN_FIELDS,
        disabled=True,
        className="fields",
        disable_n_clicks=True,
    )
    return section(
        "Settings",
        [
            fields,
            html.Details(
                [
                    html.Summary("More settings", disable_n_clicks=True),
                    dmc.Textarea(
                        id=ids.TRAIN_MORE,
                        size="xs",
                        autosize=True,
                        minRows=3,
                        placeholder="solver = rk4\nsteps = 4\nhidden = 12",
                    ),
                ],
                className="more",
                disable_n_clicks=True,
            ),
            action_button(
                ids.TRAIN_START, "Start training", icon_name="play", css="button primary wide"
            ),
            text("", id=ids.TRAIN_NOTE, css="note", tag="P", role="status"),
        ],
    )


def _run_card():
    head = box(
        [
            text("", id=ids.TRAIN_RUN_TITLE, css="run-title"),
            text("", id=ids.TRAIN_RUN_STATE, css="state"),
        ],
        css="run-head",
    )
    stats = [
        figure_stat(ids.TRAIN_STAT_LOSS, "Training loss"),
        figure_stat(ids.TRAIN_STAT_SCORE, "Test accuracy", title_id=ids.TRAIN_STAT_SCORE_TITLE),
        figure_stat(ids.TRAIN_STAT_BEST, "Best", title=BEST),
        figure_stat(ids.TRAIN_STAT_TIME, "Time"),
        *(
            figure_stat(ids.train_stat(name), METRICS[name].title, title=METRICS[name].hint)
            for name in placed("further")
        ),
        figure_stat(
            ids.TRAIN_STAT_FINER, "4× finer", title="The same test with four times the steps"
        ),
        figure_stat(
            ids.TRAIN_STAT_PEAK, "Peak voltage", title="Largest voltage of any node in the test"
        ),
    ]
    buttons = [
        command_button(
            "run-stop", "Stop", icon_name="stop", text="Stop", id=ids.TRAIN_STOP,
            css="button danger small",
        ),
        command_button(
            "run-resume", "Resume", icon_name="play", text="Resume", id=ids.TRAIN_RESUME,
            css="button small",
        ),
        action_button(
            ids.TRAIN_OPEN, "Open trained circuit", icon_name="import", css="button small"
        ),
        command_button(
            "run-weights", "Download weights", icon_name="export", text="Download weights",
            id=ids.TRAIN_WEIGHTS, css="button small",
        ),
    ]  # fmt: skip
    return section(
        "Run",
        [
            head,
            box(box(id=ids.TRAIN_PROGRESS, css="bar-fill"), css="bar"),
            text("", id=ids.TRAIN_PROGRESS_TEXT, css="note", tag="P"),
            box(stats, css="stats"),
            text("", id=ids.TRAIN_WARNING, css="verdict warn", tag="P", role="status"),
            box(id=ids.TRAIN_BOOKS, css="books"),
            box(buttons, css="button-row"),
            text("", id=ids.TRAIN_NO_CIRCUIT, css="note", tag="P"),
        ],
        id=ids.TRAIN_RUN_CARD,
        css="off",
    )


def _replay():
    slider = dmc.Slider(
        id=ids.TRAIN_EPOCH,
        min=0,
        max=1,
        step=1,
        value=0,
        size="sm",
        label=None,
        updatemode="drag",
        thumbLabel="Epoch on show",
    )
    return section(
        "Replay",
        [
            slider,  # above words that change their length: it stays under the pointer
            text("", id=ids.TRAIN_EPOCH_TEXT, css="note", tag="P"),
        ],
        id=ids.TRAIN_REPLAY_CARD,
        css="off",
    )


def _breaking():
    return section("Break it", box(id=ids.TRAIN_BREAK), id=ids.TRAIN_BREAK_CARD, css="off")


def _main_params(service: Service) -> tuple:
    by_name = {param.name: param for param in service.training.params()}
    return tuple(by_name[name] for name in MAIN if name in by_name)


def register(app: Dash, service: Service) -> None:
    """Callbacks."""
    _register_form(app, service)
    _register_start(app, service)
    _register_actions(app, service)


def _register_form(app: Dash, service: Service) -> None:
    params = _main_params(service)
    app.clientside_callback(
        ClientsideFunction("designer", "data_chosen"),
        Output(ids.SINK, "data", allow_duplicate=True),
        Input(ids.TRAIN_DATASET, "value"),
        Input(ids.TRAIN_SOURCE, "value"),
        Input(ids.TRAIN_MODEL, "value"),
        Input(ids.MODE_OUT, "data"),
        Input(ids.TRAIN_RECIPES, "value"),
        prevent_initial_call="initial_duplicate",
    )
    # Until the recipe is there the fields are closed, so that it never replaces what was typed.
    app.clientside_callback(
        ClientsideFunction("designer", "recipe"),
        Output(ids.TRAIN_FILLED, "data"),
        Output(ids.TRAIN_FIELDS, "disabled"),
        *forms.states(FORM, GROUP, params, Output),
        Input(ids.TRAIN_RECIPE, "data"),
        State(ids.TRAIN_FILLED, "data"),
        prevent_initial_call=True,
    )


def _register_start(app: Dash, service: Service) -> None:
    params = _main_params(service)
    app.clientside_callback(
        ClientsideFunction("designer", "starting"),
        Output(ids.TRAIN_NOTE, "children", allow_duplicate=True),
        Output(ids.TRAIN_NOTE, "className", allow_duplicate=True),
        Input(ids.TRAIN_START, "n_clicks"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.RUN_SELECTED, "data"),
        Output(ids.TRAIN_NOTE, "children"),
        Output(ids.TRAIN_NOTE, "className"),
        Input(ids.TRAIN_START, "n_clicks"),
        State(ids.TRAIN_OPTIONS, "data"),
        State(ids.TRAIN_SOURCE, "value"),
        State(ids.TRAIN_MODEL, "value"),
        State(ids.TRAIN_RECIPES, "value"),
        State(ids.TRAIN_NAME, "value"),
        State(ids.TRAIN_MORE, "value"),
        State(ids.DOC_OUT, "data"),
        *forms.states(FORM, GROUP, params),
        running=[(Output(ids.TRAIN_START, "disabled"), True, False)],
        prevent_initial_call=True,
    )
    def start(_clicks, data, source, model, recipe, name, more, document, *values):
        try:
            dataset = data["dataset"]
            options = service.datasets.options(dataset, data["options"])
            name = name or service.training.next_name(dataset)
            fields = {"dataset": dataset, "dataset_options": options, "name": name}
            fields |= {"model": model, "recipe": recipe or None}
            fields |= forms.read(params, values)
            fields["frame_interval"] = max(1, fields["epochs"] // FRAMES)
            if source == "open" and (not model or service.training.is_circuit(model)):
                fields["circuit"] = _open_circuit(document)
            with turn(service.lanes.files, "start") as stop:
                id = service.start_run(stop, fields, forms.settings_lines(more))
        except (forms.FormError, StudioError) as error:
            return no_update, str(error), "note error"
        return id, "", "note"


def _open_circuit(document: dict[str, Any] | None) -> dict[str, Any]:
    if (document or {}).get("network"):
        raise forms.FormError(
            "A network of this size is trained from the command line: kirchhoff train --circuit."
        )
    circuit = (document or {}).get("circuit")
    if not circuit or not circuit.get("nodes"):
        raise forms.FormError("There is no circuit on the board; draw or generate one first.")
    return circuit


def _register_actions(app: Dash, service: Service) -> None:
    for function, component, prop in (
        ("run_chosen", ids.RUN_SELECTED, "data"),
        ("epoch_chosen", ids.TRAIN_EPOCH, "value"),
    ):
        app.clientside_callback(
            ClientsideFunction("designer", function),
            Output(ids.SINK, "data", allow_duplicate=True),
            Input(component, prop),
            prevent_initial_call=True,
        )

    @app.callback(
        Output(ids.DOC_IN, "data", allow_duplicate=True),
        Output(ids.TOAST_IN, "data", allow_duplicate=True),
        Input(ids.TRAIN_OPEN, "n_clicks"),
        State(ids.RUN_SELECTED, "data"),
        prevent_initial_call=True,
    )
    def open_trained(_clicks, id):
        try:
            with turn(service.lanes.files, "open") as stop:
                made = service.apart.call(stop, "open_run", id)
        except StudioError as error:
            return no_update, toast(str(error), "error")
        message = {**made, "label": "Open trained circuit", "new": True}
        return {**message, "nonce": secrets.token_hex(4)}, no_update
