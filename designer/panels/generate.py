"""Make a circuit from a topology: a form of the topology's own parameters."""

import itertools
import secrets
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, no_update

from .. import forms, ids
from ..elements import action_button, box, command_button, section, text
from ..service import Service, StudioError

FORM = "generate"


def layout(service: Service) -> dict[str, list]:
    """Children by component id; every topology has its form, one is in sight."""
    topologies = service.topologies()
    first = next(iter(topologies))
    groups = [
        forms.grid(FORM, name, params, hidden=name != first)
        for name, (_, _, params) in topologies.items()
    ]
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
    head = box(
        [
            text("Generate a circuit", css="panel-title", tag="H2"),
            command_button("generate", "Close", icon_name="close"),
        ],
        css="panel-head",
    )
    return {
        ids.PANEL_GENERATE: [
            head,
            section(
                "Shape", [chooser, text("", id=ids.GENERATE_DOC, css="note", tag="P"), *groups]
            ),
            section(
                "Draw",
                [
                    box([seed], css="form-grid"),
                    action_button(
                        ids.GENERATE_RUN,
                        "Generate",
                        icon_name="generate",
                        css="button primary wide",
                    ),
                    text("", id=ids.GENERATE_NOTE, css="note", tag="P", role="status"),
                ],
            ),
        ]
    }


def register(app: Dash, service: Service) -> None:
    """Callbacks."""
    topologies = service.topologies()
    names = list(topologies)
    inputs = [forms.states(FORM, name, topologies[name][2]) for name in names]
    flat = list(itertools.chain.from_iterable(inputs))
    watched = [Input(state.component_id, state.component_property) for state in flat]

    def chosen(topology: str, values: list[Any]) -> dict[str, Any]:
        start = sum(len(inputs[k]) for k in range(names.index(topology)))
        params = topologies[topology][2]
        return forms.read(params, values[start : start + len(params)])

    @app.callback(
        Output(ids.GENERATE_DOC, "children"),
        *[Output(ids.form(FORM, name), "className") for name in names],
        Input(ids.GENERATE_TOPOLOGY, "value"),
    )
    def choose(topology: str):
        shown = ["form-grid" if name == topology else "form-grid off" for name in names]
        return topologies[topology][1], *shown

    @app.callback(
        Output(ids.DOC_IN, "data", allow_duplicate=True),
        Output(ids.GENERATE_NOTE, "children"),
        Output(ids.GENERATE_NOTE, "className"),
        Input(ids.GENERATE_RUN, "n_clicks"),
        Input(ids.GENERATE_TOPOLOGY, "value"),
        State(ids.GENERATE_SEED, "value"),
        *watched,
        prevent_initial_call=True,
    )
    def generate(_clicks, topology, seed, *values):
        try:
            params = chosen(topology, list(values))
            if ctx.triggered_id != ids.GENERATE_RUN:
                return no_update, service.size_text(topology, params), "note"
            circuit = service.generate(topology, params, int(seed or 0))
        except (forms.FormError, StudioError) as error:
            return no_update, str(error), "note error"
        message = {"circuit": circuit, "label": "Generate", "nonce": secrets.token_hex(4)}
        return message, service.size_text(topology, params), "note"
