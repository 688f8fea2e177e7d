"""Routes of circuits at rest: operating point and poles, frequency responses."""

from flask import Blueprint, jsonify

from ..service import Service, small_signals
from ..service.requests import a_number, a_text, a_whole_number, optional, texts
from .answers import body, circuit_of
from .asking import turn


def routes(service: Service) -> Blueprint:
    """Blueprint of the routes."""
    routes = Blueprint("small_signals", __name__, url_prefix="/api")
    solves = service.lanes.solves

    @routes.post("/operating-point")
    def operating_point():
        with turn(solves, "rest"):
            return jsonify(small_signals.at_rest(circuit_of(body())))

    @routes.post("/frequency-response")
    def frequency_response():
        with turn(solves, "response") as stop:
            data = body()
            found = small_signals.response(
                circuit_of(data),
                optional(data, "nodes", texts, []),
                optional(data, "source", a_text, None),
                optional(data, "low", a_number, None),
                optional(data, "high", a_number, None),
                optional(data, "points", a_whole_number, None),
                stop,
            )
        return jsonify(found)

    return routes
