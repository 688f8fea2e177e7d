"""Export: the open circuit in another format, and the comparison with ngspice."""

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, dcc, no_update

from .. import figures, forms, ids
from ..api.asking import turn
from ..elements import action_button, box, command_button, section, text
from ..service import Circuit, Service, StudioError

DIALECTS = ("ngspice", "ltspice", "xyce")
NAMES = {"ngspice": "ngspice", "ltspice": "LTspice", "xyce": "Xyce"}
FORMATS = {
    "spice": ("SPICE netlist", "Behavioural sources that ngspice, LTspice or Xyce reproduce."),
    "safetensors": (
        "PyTorch weights (safetensors)",
        "Topology and parameters as arrays; a ten-line loader stands in the file's documentation.",
    ),
    "pt": ("PyTorch weights (pt)", "The same arrays for torch.load with weights_only=True."),
    "json": ("Circuit JSON", "The circuit file of the studio, readable and complete."),
    "graph": (
        "Graph JSON",
        "Nodes and devices as a multigraph that networkx reads; complete, too.",
    ),
    "circuitjs": (
        "Falstad circuit",
        "Text for Falstad's simulator: resistors, capacitors, inductors, diodes and sources.",
    ),
}


def layout(service: Service) -> dict[str, list]:
    """Children by component id."""
    del service
    return {
        ids.PANEL_EXPORT: [_files(), _one_file(), _run_file(), _lane(), _pictures(), _verify()],
        ids.DOCK_EXPORT: [box(id=ids.VERIFY_FIGURE, css="graph")],
    }


def _files():
    return section(
        "Export",
        [
            dmc.Select(
                id=ids.EXPORT_FORMAT,
                label="Format",
                size="xs",
                data=[{"value": name, "label": title} for name, (title, _) in FORMATS.items()],
                value="spice",
                allowDeselect=False,
            ),
            box(
                dmc.SegmentedControl(
                    id=ids.EXPORT_DIALECT,
                    data=[{"value": name, "label": NAMES[name]} for name in DIALECTS],
                    value="ngspice",
                    size="xs",
                    fullWidth=True,
                ),
                id=ids.EXPORT_DIALECT_ROW,
            ),
            text("", id=ids.EXPORT_DOC, css="note", tag="P"),
            action_button(
                ids.EXPORT_DOWNLOAD, "Download", icon_name="export", css="button primary wide"
            ),
            text("", id=ids.EXPORT_NOTE, css="note", tag="P", role="status"),
        ],
    )


def _one_file():
    return section(
        "Everything in one file",
        [
            text(
                "A page plays trajectory and adjoint in any browser, without a server or a "
                "network: for a web site, a slide, a mail. A bundle is opened by dropping it on a "
                "studio.",
                css="note",
                tag="P",
            ),
            _page_and_bundle("circuit"),
            text("", id=ids.ONE_FILE_NOTE, css="note", tag="P", role="status"),
        ],
    )


def _run_file():
    return section(
        "The followed run in one file",
        [
            text("", id=ids.RUN_FILE_TITLE, css="note strong", tag="P"),
            text(
                "The page replays every recorded epoch, with curves and figures. The bundle also "
                "holds weights, settings and some test examples.",
                css="note",
                tag="P",
            ),
            _page_and_bundle("run"),
            text("", id=ids.RUN_FILE_NOTE, css="note", tag="P", role="status"),
        ],
        id=ids.RUN_FILE,
        css="off",
    )


def _page_and_bundle(what: str):
    page = command_button(
        f"{what}-page", "Page that plays by itself", icon_name="image", text="Page (.html)",
        css="button small",
    )  # fmt: skip
    bundle = command_button(
        f"{what}-bundle", "Bundle", icon_name="export", text="Bundle (.kstudio)",
        css="button small",
    )  # fmt: skip
    return box([page, bundle], css="button-row")


def _lane():
    """Of the run that is followed, where its model has parts that are circuits."""
    return section("Lane of a trained model", [box(id=ids.EXPORT_LANE)], css="off")


def _pictures():
    return section(
        "Picture and data",
        [
            box(
                [
                    command_button(
                        "share-png",
                        "Board PNG",
                        icon_name="image",
                        text="Board PNG",
                        css="button small",
                    ),
                    command_button(
                        "share-svg",
                        "Board SVG",
                        icon_name="image",
                        text="Board SVG",
                        css="button small",
                    ),
                    command_button(
                        "scope-png",
                        "Scope PNG, with its legend",
                        icon_name="image",
                        text="Scope PNG",
                        css="button small",
                    ),
                    command_button(
                        "traces-csv",
                        "Traces CSV, times and node voltages",
                        icon_name="table",
                        text="Traces CSV",
                        css="button small",
                    ),
                ],
                css="button-row",
            )
        ],
    )


def _verify():
    tolerance = dmc.NumberInput(
        id=ids.VERIFY_TOLERANCE, label="Tolerance", size="xs", value=1e-3, min=1e-12, step=1e-3,
        hideControls=True,
    )  # fmt: skip
    return section(
        "Verify with ngspice",
        [
            text(
                "The exported netlist is simulated by ngspice and compared with the studio, node "
                "by node. The tolerance is a share of the largest voltage.",
                css="note",
                tag="P",
            ),
            box([tolerance], css="form-grid"),
            action_button(ids.VERIFY_RUN, "Verify", icon_name="check", css="button wide"),
            text("", id=ids.VERIFY_NOTE, css="verdict off", tag="P", role="status"),
        ],
    )


def register(app: Dash, service: Service) -> None:
    """Callbacks."""

    @app.callback(
        Output(ids.EXPORT_DOC, "children"),
        Output(ids.EXPORT_DIALECT_ROW, "className"),
        Input(ids.EXPORT_FORMAT, "value"),
    )
    def describe(to: str):
        return FORMATS[to][1], "" if to == "spice" else "off"

    @app.callback(
        Output(ids.DOWNLOAD, "data"),
        Output(ids.EXPORT_NOTE, "children"),
        Output(ids.EXPORT_NOTE, "className"),
        Input(ids.EXPORT_DOWNLOAD, "n_clicks"),
        State(ids.EXPORT_FORMAT, "value"),
        State(ids.EXPORT_DIALECT, "value"),
        State(ids.DOC_OUT, "data"),
        prevent_initial_call=True,
    )
    def download(_clicks, to, dialect, document):
        options = {"dialect": dialect} if to == "spice" else {}
        try:
            with turn(service.lanes.files, "export"):
                name, contents = service.exporting.export(_open(service, document), to, options)
        except (forms.FormError, StudioError) as error:
            return no_update, str(error), "note error"
        return dcc.send_bytes(contents, name), f"{name}, {_size(len(contents))}", "note"

    @app.callback(
        Output(ids.VERIFY_NOTE, "children"),
        Output(ids.VERIFY_NOTE, "className"),
        Output(ids.figure(ids.VERIFY_FIGURE), "data"),
        Output(ids.DOCK_EXPORT, "className"),
        Input(ids.VERIFY_RUN, "n_clicks"),
        State(ids.VERIFY_TOLERANCE, "value"),
        State(ids.DOC_OUT, "data"),
        State(ids.THEME_OUT, "data"),
        prevent_initial_call=True,
        running=[(Output(ids.VERIFY_RUN, "disabled"), True, False)],
    )
    def verify(_clicks, tolerance, document, theme):
        try:
            with turn(service.lanes.checks, "verify"):
                most = forms.number(tolerance, "Tolerance", 1e-3)
                result = service.exporting.verify(_open(service, document), most)
        except (forms.FormError, StudioError) as error:
            return str(error), "verdict bad", no_update, "dock-body"
        css = "verdict good" if result["ok"] else "verdict bad"
        return result["text"], css, figures.overlay(result, theme), "dock-body filled"


def _open(service: Service, document: dict | None) -> Circuit:
    circuit = service.resolve(document)
    if circuit is None:
        raise forms.FormError("There is no circuit on the board; draw or open one first.")
    return circuit


def _size(count: int) -> str:
    if count < 1000:
        return f"{count} bytes"
    return f"{count / 1e3:.3g} kB" if count < 1e6 else f"{count / 1e6:.3g} MB"
