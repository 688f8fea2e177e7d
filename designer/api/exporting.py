"""Routes of leaving: files in other formats and the comparison with ngspice."""

from flask import Blueprint, Response, jsonify

from ..service import Service
from .answers import body, field
from .asking import turn


def routes(service: Service) -> Blueprint:
    """Blueprint of the routes."""
    routes = Blueprint("exporting", __name__, url_prefix="/api")
    exporting = service.exporting

    @routes.post("/export")
    def export():
        with turn(service.lanes.files, "export"):
            data = body()
            options = dict(data.get("options") or {})
            if data.get("dialect"):
                options["dialect"] = data["dialect"]
            circuit, to = field(data, "circuit"), field(data, "to", str)
            name, contents = exporting.export(circuit, to, options)
        response = Response(contents, mimetype="application/octet-stream")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    @routes.post("/verify")
    def verify():
        with turn(service.lanes.checks, "verify"):
            data = body()
            tolerance = data.get("tolerance") or 1e-3
            return jsonify(exporting.verify(field(data, "circuit"), tolerance))

    return routes
