"""The HTTP interface of the browser modules: JSON in and out, trajectories as binary."""

from flask import Flask
from flask.json.provider import DefaultJSONProvider

from ..security import refusal
from ..service import Service
from . import (
    breaking,
    circuits,
    datasets,
    excerpts,
    exporting,
    help,
    lessons,
    runs,
    simulation,
    small_signals,
    sweeps,
)
from .answers import install_errors


def install(server: Flask, service: Service) -> None:
    """Add all routes to `server`."""
    if isinstance(server.json, DefaultJSONProvider):
        server.json.sort_keys = False  # menus and circuits keep the order that the backend gave
    parts = (
        circuits, simulation, small_signals, datasets, runs, sweeps, excerpts, breaking,
        exporting, lessons, help,
    )  # fmt: skip
    for part in parts:
        blueprint = part.routes(service)
        install_errors(blueprint)
        server.register_blueprint(blueprint)

    @server.route("/api/<path:rest>", methods=["GET", "POST", "PUT", "DELETE"])
    def unknown(rest: str):
        # Dash answers every other address with the page, which a script could not read.
        return refusal(404, f"There is nothing at /api/{rest[:80]}.")
