"""Routes of leaving: files in other formats and the comparison with ngspice."""

from flask import Blueprint, Response, jsonify

from ..service import Service
from .answers import body, field


def routes(service: Service) -> Blueprint:
    """Blueprint of the routes."""
    routes = Blueprint("exporting", __name__, url_prefix="/api")
    exporting = service.exporting

    @routes.post("/export")
    def export():
        data = body()
        options = dict(data.get("options") or {})
        if data.get("dialect"):
            options["dialect"] = data["dialect"]
        name, contents = exporting.export(field(data, "circuit"), field(data, "to", str), options)
        response = Response(contents, mimetype="application/octet-stream")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    @routes.post("/verify")
    def verify():
        data = body()
        return jsonify(exporting.verify(field(data, "circuit"), data.get("tolerance") or 1e-3))

    return routes
