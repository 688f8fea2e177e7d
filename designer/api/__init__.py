"""The HTTP interface of the browser modules: JSON in and out, trajectories as binary."""

from flask import Flask

from ..service import Service
from . import circuits, exporting, runs, simulation
from .answers import install_errors


def install(server: Flask, service: Service) -> None:
    """Add all routes to `server`."""
    for part in (circuits, simulation, runs, exporting):
        blueprint = part.routes(service)
        install_errors(blueprint)
        server.register_blueprint(blueprint)
