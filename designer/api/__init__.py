"""The HTTP interface of the browser modules: JSON in and out, trajectories as binary."""

from flask import Flask

from ..security import refusal
from ..service import Service
from . import circuits, datasets, excerpts, exporting, runs, simulation
from .answers import install_errors


def install(server: Flask, service: Service) -> None:
    """Add all routes to `server`."""
    for part in (circuits, simulation, datasets, runs, excerpts, exporting):
        blueprint = part.routes(service)
        install_errors(blueprint)
        server.register_blueprint(blueprint)

    @server.route("/api/<path:rest>", methods=["GET", "POST", "PUT", "DELETE"])
    def unknown(rest: str):
        # Dash answers every other address with the page, which a script could not read.
        return refusal(404, f"There is nothing at /api/{rest[:80]}.")
