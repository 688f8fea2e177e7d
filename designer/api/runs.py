"""Routes of training runs: list, start, follow, stop, resume, replay, delete."""

from flask import Blueprint, jsonify, request

from ..security import valid_id
from ..service import Service
from .answers import BadRequest, binary, body, not_found


def routes(service: Service) -> Blueprint:
    """Blueprint of the routes."""
    routes = Blueprint("runs", __name__, url_prefix="/api/runs")
    training = service.training

    @routes.before_request
    def check_id():
        id = (request.view_args or {}).get("id")
        if id is not None and not valid_id(id):
            return not_found(f"{id[:40]!r} is not the id of a run.")
        return None

    @routes.get("")
    def list_runs():
        return jsonify(training.recent())

    @routes.post("")
    def start():
        return jsonify({"id": training.start(body())}), 201

    @routes.get("/<id>")
    def show(id: str):
        return jsonify(training.show(id))

    @routes.get("/<id>/metrics")
    def metrics(id: str):
        try:
            after = int(request.args.get("after", 0))
        except ValueError:
            raise BadRequest("after must be a whole number.") from None
        return jsonify(training.metrics(id, after))

    @routes.post("/<id>/stop")
    def stop(id: str):
        training.stop(id)
        return jsonify(training.show(id))

    @routes.post("/<id>/resume")
    def resume(id: str):
        training.resume(id)
        return jsonify(training.show(id))

    @routes.delete("/<id>")
    def delete(id: str):
        training.delete(id)
        return "", 204

    @routes.get("/<id>/frames")
    def frames(id: str):
        return jsonify(training.frames(id))

    @routes.get("/<id>/frames/<int:epoch>.bin")
    def frame(id: str, epoch: int):
        return binary(training.frame(id, epoch), immutable=False)

    @routes.get("/<id>/circuit")
    def circuit(id: str):
        return jsonify(service.run_circuit(id))

    return routes
