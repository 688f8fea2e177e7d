"""Routes of leaving: files in other formats and the comparison with ngspice."""

from flask import Blueprint, Response, jsonify

from ..service import Service
from ..service.requests import a_number, a_text, optional, plain_values, required
from .answers import body, circuit_of
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
        response = Response(contents, mimetype="application/octet-stream")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    @routes.post("/verify")
    def verify():
        with turn(service.lanes.checks, "verify"):
            data = body()
            tolerance = optional(data, "tolerance", a_number, 1e-3)
            return jsonify(exporting.verify(circuit_of(data), tolerance))

    return routes
