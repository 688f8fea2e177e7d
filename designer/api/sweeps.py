"""Routes of sweeps, which are only read: all of them, and one with its trials and figure."""

from flask import Blueprint, Response, jsonify, request

from .. import sweep_view
from ..security import valid_id
from ..service import Service
from .answers import not_found


def routes(service: Service) -> Blueprint:
    """Blueprint of the routes."""
    routes = Blueprint("sweeps", __name__, url_prefix="/api/sweeps")

    @routes.get("")
    def list_sweeps():
        return jsonify(service.sweeps.recent())

    @routes.get("/<id>")
    def show(id: str):
        if not valid_id(id):
            return not_found(f"{id[:40]!r} is not the id of a sweep.")
        after, theme = request.args.get("after", ""), request.args.get("theme")
        shown = sweep_view.shown(service, id, theme, after)
        return ("", 204) if shown is None else Response(shown, mimetype="application/json")

    return routes
