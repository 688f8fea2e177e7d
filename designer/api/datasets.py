"""Routes of data sets: take a file, list the files, show what is in a data set."""

from urllib.parse import unquote

from flask import Blueprint, jsonify, request

from ..service import Service
from ..service.requests import a_text, optional, plain_values
from .answers import BadRequest, body, not_found
from .asking import turn


def routes(service: Service) -> Blueprint:
    """Blueprint of the routes."""
    routes = Blueprint("datasets", __name__, url_prefix="/api/datasets")
    datasets = service.datasets
    known = datasets.registry()

    @routes.before_request
    def check_name():
        name = (request.view_args or {}).get("name", "")
        return None if name in known else not_found(f"There is no data set '{name[:40]}'.")

    @routes.get("/<name>/files")
    def files(name: str):
        return jsonify(datasets.files(name))

    @routes.post("/<name>/files")
    def store(name: str):
        sent = unquote(request.headers.get("X-Filename", ""))
        if not sent:
            raise BadRequest("The file has no name.")
        with turn(service.lanes.files, "upload"):
            kept = datasets.store(name, sent, request.get_data(cache=False))
        return jsonify({"path": kept}), 201

    @routes.post("/<name>/preview")
    def preview(name: str):
        data = body()
        options = optional(data, "options", plain_values, {})
        model = optional(data, "model", a_text, "")
        asked = (name, options, model, optional(data, "recipe", a_text, ""))
        with turn(service.lanes.files, "preview") as stop:
            if datasets.is_read(name):
                return jsonify(service.apart.call(stop, "datasets.preview", *asked))
            return jsonify(datasets.preview(*asked))

    return routes
