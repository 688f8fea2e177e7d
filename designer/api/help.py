"""Route of what the studio explains."""

from flask import Blueprint, jsonify

from ..help import explained
from ..service import Service


def routes(service: Service) -> Blueprint:
    """Blueprint of the route."""
    del service
    routes = Blueprint("help", __name__, url_prefix="/api")

    @routes.get("/help")
    def help():
        return jsonify(explained())

    return routes
