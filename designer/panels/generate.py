"""Make a circuit from a topology: a form of the topology's own parameters."""

import secrets
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, no_update

from .. import forms, ids
from ..api.asking import turn
from ..elements import action_button, box, command_button, section, text
from ..service import Service, StudioError

FORM = "generate"
GROUP = "all"


def layout(service: Service) -> dict[str, list]:
    """Children by component id.

    Topologies share the inputs of parameters with one name; those of the chosen one are in sight.
    """
    topologies = service.topologies()
    pool = forms.pooled(params for _, _, params in topologies.values())
    first = next(iter(topologies))
    shown = {param.name for param in topologies[first][2]}
    fields = [
        box(
            forms.entry(FORM, GROUP, param),
            id=ids.form(FORM, param.name),
            css="form-cell" if param.name in shown else "form-cell off",
        )
        for param in pool
    ]
    filled = {name: _filled(pool, doc, own) for name, (_, doc, own) in topologies.items()}
    chooser = dmc.Select(
        id=ids.GENERATE_TOPOLOGY,
        label="Topology",
        size="xs",
        data=[{"value": name, "label": title} for name, (title, _, _) in topologies.items()],
        value=first,
        allowDeselect=False,
    )
    seed = dmc.NumberInput(
        id=ids.GENERATE_SEED, label="Seed", size="xs", value=0, min=0, allowDecimal=False, step=1
    )
    button = action_button(
        ids.GENERATE_RUN, "Generate", icon_name="generate", css="button primary wide"
    )
    head = box(
        [
            text("Generate a circuit", css="panel-title", tag="H2"),
            command_button("generate", "Close", icon_name="close"),
        ],
        css="panel-head",
    )
    doc = text(topologies[first][1], id=ids.GENERATE_DOC, css="note", tag="P")
    size = service.size_text(first, {param.name: param.default for param in topologies[first][2]})
    note = text(size, id=ids.GENERATE_NOTE, css="note", tag="P", role="status")
    return {
        ids.PANEL_GENERATE: [
            head,
            section("Shape", [chooser, doc, box(fields, css="form-grid")]),
            dcc.Store(id=ids.GENERATE_FIELDS, data=filled),
            dcc.Store(id=ids.GENERATE_SHOWN, data=first),
            section("Draw", [box([seed], css="form-grid"), button, note]),
        ]
    }


def _filled(pool: tuple, doc: str, params: tuple) -> list:
    """What choosing a topology shows: its text, the class of every cell, its own defaults."""
    own = {param.name: param.default for param in params}
    css = ["form-cell" if param.name in own else "form-cell off" for param in pool]
    return [doc, *css, *[own.get(param.name) for param in pool]]


def register(app: Dash, service: Service) -> None:
    """Callbacks."""
    topologies = service.topologies()
    pool = forms.pooled(params for _, _, params in topologies.values())

    def chosen(topology: str, values: tuple) -> dict[str, Any]:
        known = {param.name: value for param, value in zip(pool, values, strict=True)}
        params = topologies[topology][2]
        return forms.read(params, [known[param.name] for param in params])

    # In the browser: a number typed before the answer of a busy server would be overwritten.
    app.clientside_callback(
        ClientsideFunction("designer", "fill"),
        Output(ids.GENERATE_SHOWN, "data"),
        Output(ids.GENERATE_DOC, "children"),
        *[Output(ids.form(FORM, param.name), "className") for param in pool],
        *forms.states(FORM, GROUP, pool, Output),
        Input(ids.GENERATE_TOPOLOGY, "value"),
        State(ids.GENERATE_FIELDS, "data"),
        State(ids.GENERATE_SHOWN, "data"),
        *forms.states(FORM, GROUP, pool),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.GENERATE_NOTE, "children"),
        Output(ids.GENERATE_NOTE, "className"),
        State(ids.GENERATE_TOPOLOGY, "value"),
        *forms.states(FORM, GROUP, pool, Input),
        prevent_initial_call=True,
    )
    def measure(topology, *values):
        try:
            return service.size_text(topology, chosen(topology, values)), "note"
        except (forms.FormError, StudioError) as error:
            return str(error), "note error"

    @app.callback(
        Output(ids.DOC_IN, "data", allow_duplicate=True),
        Output(ids.GENERATE_NOTE, "children", allow_duplicate=True),
        Output(ids.GENERATE_NOTE, "className", allow_duplicate=True),
        Input(ids.GENERATE_RUN, "n_clicks"),
        State(ids.GENERATE_TOPOLOGY, "value"),
        State(ids.GENERATE_SEED, "value"),
        *forms.states(FORM, GROUP, pool),
        prevent_initial_call=True,
    )
    def generate(_clicks, topology, seed, *values):
        try:
            params = chosen(topology, values)
            number = int(forms.number(seed, "Seed", 0, whole=True))
            with turn(service.lanes.files, "generate") as stop:
                made = service.apart.call(stop, "generate", topology, params, number)
        except (forms.FormError, StudioError) as error:
            return no_update, str(error), "note error"
        message = {**made, "label": "Generate", "nonce": secrets.token_hex(4)}
        return message, service.size_text(topology, params), "note"
