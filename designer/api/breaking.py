"""Routes of faults and edits of runs: what is left with faults, and edits under training."""

from flask import Blueprint, jsonify

from ..security import valid_id
from ..service import Service
from ..service.requests import a_list, a_whole_number, an_object, required
from .answers import body, not_found
from .asking import turn

MOST = 64
"""Faults that a request may hold."""


def routes(service: Service) -> Blueprint:
    """Blueprint of the routes."""
    routes = Blueprint("breaking", __name__, url_prefix="/api/runs")

    @routes.post("/<id>/broken")
    def broken(id: str):
        if not valid_id(id):
            return not_found(f"{id[:40]!r} is not the id of a run.")
        data = body()
        epoch = required(data, "epoch", a_whole_number)
        faults = required(data, "faults", lambda value, where: a_list(value, where, MOST))
        # The process beside the server ends after heavy work; a slider cannot wait for a new one.
        if service.datasets.is_read(service.training.dataset(id)):
            with turn(service.lanes.files, "broken") as stop:
                return jsonify(service.apart.call(stop, "breaking.judge", id, epoch, faults))
        with turn(service.lanes.solves, "broken"):
            return jsonify(service.breaking.judge(id, epoch, faults))

    @routes.post("/<id>/edits")
    def edit(id: str):
        if not valid_id(id):
            return not_found(f"{id[:40]!r} is not the id of a run.")
        return jsonify(service.breaking.ask(id, an_object(body(), ("edit",)))), 201

    return routes
