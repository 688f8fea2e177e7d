"""`create_app(config)`: the Dash application, put together; nothing happens at import."""

import logging
from pathlib import Path

import plotly
from dash import ClientsideFunction, Dash, Input, Output, set_props
from dash.fingerprint import build_fingerprint

from . import admission, api, callback_requests, ids, security
from .addresses import is_loopback
from .config import Config
from .layout import studio
from .panels import export, generate, runs, train
from .paths import assets_dir
from .preload import head_tags
from .service import Service
from .wording import toast

log = logging.getLogger("kirchhoff")

PANELS = (generate, train, runs, export)

INDEX = """<!DOCTYPE html>
<html lang="en">
  <head>
    {%metas%}
    <title>{%title%}</title>
    {%favicon%}
    {%css%}
    {first_picture}
  </head>
  <body>
    {%app_entry%}
    <footer>
      {%config%}
      {%scripts%}
      {%renderer%}
    </footer>
  </body>
</html>"""


def create_app(config: Config, service: Service | None = None) -> Dash:
    """The application with its routes, callbacks and checks.

    Args:
        config: where things lie and who may ask.
        service: the door to the backend; one of its own by default.
    """
    service = service or Service(config)
    app = Dash(
        "designer",
        title="Kirchhoff Studio",
        update_title=None,  # type: ignore[arg-type]
        assets_folder=str(assets_dir()),
        assets_path_ignore=["modules", "vendor"],
        serve_locally=True,
        on_error=_callback_failed,
        compress=not is_loopback(config.host),  # costs more than it saves on loopback
        index_string=INDEX.replace("{first_picture}", head_tags(assets_dir() / "modules")),
        enable_mcp=False,
        meta_tags=[
            {"name": "viewport", "content": "width=device-width, initial-scale=1"},
            {"name": "plotly", "content": plotly_address()},
        ],
    )

    def page():
        parts: dict[str, list] = {}
        for panel in PANELS:
            parts.update(panel.layout(service))
        return studio(parts)

    app.layout = page
    _connect_browser(app)
    for panel in PANELS:
        panel.register(app, service)
    api.install(app.server, service)
    security.install(app.server, config, security.content_policy(app.csp_hashes()))
    admission.install(app.server)
    callback_requests.install(app)
    return app


def _callback_failed(error: Exception) -> None:
    """Say that something failed; the log says what."""
    log.error("callback failed", exc_info=error)
    set_props(ids.TOAST_IN, {"data": toast("That failed; the server's log says why.", "error")})


def plotly_address() -> str:
    """Where the server has plotly.js, with the fingerprint that lets browsers keep it for good."""
    script = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    name = f"package_data/{script.name}"
    stamped = build_fingerprint(name, plotly.__version__, int(script.stat().st_mtime))
    return f"/_dash-component-suites/plotly/{stamped}"


def _connect_browser(app: Dash) -> None:
    """Hand stores that Python writes to the modules of the page (see assets/bridge.js)."""
    for store, function in (
        (ids.DOC_IN, "document_in"),
        (ids.TOAST_IN, "toast_in"),
        *((ids.figure(box), "figure") for box in ids.FIGURES),
    ):
        app.clientside_callback(
            ClientsideFunction("designer", function),
            Output(ids.SINK, "data", allow_duplicate=True),
            Input(store, "data"),
            prevent_initial_call=True,
        )
