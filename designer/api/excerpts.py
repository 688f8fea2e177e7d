"""Routes of lanes of runs: as circuits of their own, and their samples on a circuit's course."""

from typing import Any

from flask import Blueprint, jsonify

from ..security import valid_id
from ..service import Service
from ..service.excerpts import BY, NGSPICE, OURS, by_ngspice, landing
from ..service.requests import a_choice, a_whole_number, optional, plain_values, required
from .answers import binary, body, not_found
from .asking import turn


def routes(service: Service) -> Blueprint:
    """Blueprint of the routes."""
    routes = Blueprint("excerpts", __name__, url_prefix="/api/runs")

    @routes.post("/<id>/lane")
    def lane(id: str):
        if not valid_id(id):
            return not_found(f"{id[:40]!r} is not the id of a run.")
        with turn(service.lanes.files, "lane") as stop:
            return jsonify(service.apart.call(stop, "excerpts.opened", id, *_asked(body())))

    @routes.post("/<id>/landing")
    def landed(id: str):
        if not valid_id(id):
            return not_found(f"{id[:40]!r} is not the id of a run.")
        data = body()
        by = optional(data, "by", lambda text, where: a_choice(text, where, list(BY)), OURS)
        with turn(service.lanes.files, "landing") as stop:
            excerpt, _, words = service.apart.call(stop, "excerpts.read", id, *_asked(data))
        if by == NGSPICE:
            with turn(service.lanes.checks, "landing"):
                solved = by_ngspice(excerpt)
        else:
            with turn(service.lanes.solves, "landing") as stop:
                solved = service.simulations.course(excerpt.circuit, excerpt.outputs, stop)
        return binary(landing(excerpt, words, by, solved), immutable=False)

    return routes


def _asked(data: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """The epoch and the options of a lane."""
    epoch = required(data, "epoch", a_whole_number)
    options = optional(data, "options", plain_values, {})
    return epoch, options
