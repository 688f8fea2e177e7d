"""Routes of training runs: list, start, follow, stop, resume, replay, delete."""

from flask import Blueprint, Response, jsonify, request

from .. import run_view
from ..security import valid_id
from ..service import Examples, Service
from .answers import BadRequest, binary, body, not_found
from .asking import turn


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

    @routes.get("/table")
    def table():
        found = run_view.table(service, _after())
        return ("", 204) if found is None else jsonify(found)

    @routes.post("")
    def start():
        with turn(service.lanes.files, "start") as stop:
            return jsonify({"id": service.start_run(stop, body())}), 201

    @routes.get("/<id>")
    def show(id: str):
        return jsonify(training.show(id))

    @routes.get("/<id>/live")
    def live(id: str):
        found = run_view.live(service, id, _whole("known"), _after())
        return ("", 204) if found is None else jsonify(found)

    @routes.get("/<id>/metrics")
    def metrics(id: str):
        return jsonify(training.metrics(id, _whole("after")))

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

    _replay(routes, service)
    return routes


def _replay(routes: Blueprint, service: Service) -> None:
    training = service.training

    @routes.get("/<id>/frames")
    def frames(id: str):
        return jsonify(training.frames(id))

    @routes.get("/<id>/frames/<int:epoch>.bin")
    def frame(id: str, epoch: int):
        return binary(training.frame(id, epoch), immutable=False)

    @routes.get("/<id>/outcomes/<int:epoch>")
    def outcome(id: str, epoch: int):
        theme, wanted = request.args.get("theme"), request.args.get("view", "")
        shown = run_view.outcome(service, id, epoch, theme, lambda: _examples(service, id), wanted)
        return Response(shown, mimetype="application/json")

    @routes.get("/<id>/views/<int:epoch>.bin")
    def view(id: str, epoch: int):
        return binary(
            run_view.container(service, id, epoch, request.args.get("view", "")), immutable=False
        )

    @routes.get("/<id>/weights")
    def weights(id: str):
        with turn(service.lanes.files, "weights") as stop:
            name, contents = service.apart.call(stop, "training.weights", id)
        response = Response(contents, mimetype="application/octet-stream")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    @routes.get("/<id>/circuit")
    def circuit(id: str):
        epoch = _whole("epoch") if "epoch" in request.args else None
        return jsonify(service.run_circuit(id, epoch))


def _examples(service: Service, id: str) -> Examples:
    """What a figure shows of a run's data set."""
    if (known := service.examples(id)) is not None:
        return known
    with turn(service.lanes.files, "outcome") as stop:
        return service.read_examples(stop, id)


def _after() -> str:
    """The revision of what the page shows already."""
    return request.args.get("after", "")


def _whole(name: str) -> int:
    """A whole number from the address, 0 or more; 0 when it is not there.

    Raises:
        BadRequest: it is something else.
    """
    text = request.args.get(name, "0")
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise BadRequest(f"{name} must be a whole number, 0 or more.")
    return int(text)
