"""Routes of leaving: files in other formats, all in one file, and the comparison with ngspice."""

from flask import Blueprint, Response, jsonify

from ..security import valid_id
from ..service import Service
from ..service.bundling import SUFFIXES
from ..service.requests import (
    a_number,
    a_text,
    optional,
    plain_values,
    required,
    settings,
    voltages,
)
from .answers import body, circuit_of, not_found
from .asking import turn


def routes(service: Service) -> Blueprint:
    """Blueprint of the routes."""
    routes = Blueprint("exporting", __name__, url_prefix="/api")
    exporting = service.exporting

    @routes.post("/export")
    def export():
        with turn(service.lanes.files, "export"):
            data = body()
            options = optional(data, "options", plain_values, {})
            if dialect := optional(data, "dialect", a_text, ""):
                options["dialect"] = dialect
            circuit, to = circuit_of(data), required(data, "to", a_text)
            name, contents = exporting.export(circuit, to, options)
        return _file(name, contents)

    @routes.post("/one-file/<to>")
    def one_file(to: str):
        if to not in SUFFIXES:
            return not_found(f"There are no files of the kind {to[:40]!r}.")
        with turn(service.lanes.files, "one file") as stop:
            data = body()
            asked = optional(data, "settings", settings, {})
            if "network" in data:
                given = optional(data, "voltages", voltages, None)
                id = required(data, "network", a_text)
                made = service.apart.call(stop, "bundling.network_file", to, id, given, asked)
            else:
                circuit = circuit_of(data)
                made = service.apart.call(stop, "bundling.circuit_file", to, circuit, asked)
        return _file(*made)

    @routes.get("/runs/<id>/one-file/<to>")
    def run_file(id: str, to: str):
        if not valid_id(id) or to not in SUFFIXES:
            return not_found(f"There is no run {id[:40]!r}, or no file of it of this kind.")
        with turn(service.lanes.files, "one file") as stop:
            return _file(*service.apart.call(stop, "bundling.run_file", to, id))

    @routes.post("/verify")
    def verify():
        with turn(service.lanes.checks, "verify"):
            data = body()
            tolerance = optional(data, "tolerance", a_number, 1e-3)
            return jsonify(exporting.verify(circuit_of(data), tolerance))

    return routes


def _file(name: str, contents: bytes) -> Response:
    response = Response(contents, mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
