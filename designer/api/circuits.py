"""Routes of circuits: describe, store, check, import, generate, gallery."""

from urllib.parse import unquote

from flask import Blueprint, jsonify, request

from ..service import Service
from ..service.requests import a_text, a_whole_number, optional, plain_values, required
from .answers import BadRequest, body, circuit_of, not_found
from .asking import turn


def routes(service: Service) -> Blueprint:
    """Blueprint of the routes."""
    routes = Blueprint("circuits", __name__, url_prefix="/api")
    documents = service.documents

    @routes.get("/registry")
    def registry():
        return jsonify(service.registry())

    @routes.get("/circuits")
    def recent():
        return jsonify(service.recent())

    @routes.post("/circuits")
    def create():
        data = body()
        id, revision = documents.create(circuit_of(data), optional(data, "id", a_text, None))
        return jsonify({"id": id, "revision": revision}), 201

    @routes.post("/circuits/check")
    def check():
        with turn(service.lanes.solves, "check"):
            return jsonify({"circuit": service.check(body().get("circuit"))})

    @routes.get("/circuits/<id>")
    def load(id: str):
        return jsonify(service.document(id))

    @routes.put("/circuits/<id>")
    def save(id: str):
        data = body()
        client = optional(data, "client", a_text, "")
        known = required(data, "revision", a_whole_number)
        if known < 0:
            raise BadRequest("The revision must be a whole number, 0 or more.")
        revision = documents.save(id, circuit_of(data), known, client)
        return jsonify({"revision": revision})

    @routes.delete("/circuits/<id>")
    def delete(id: str):
        service.delete(id)
        return "", 204

    @routes.get("/circuits/<id>/versions")
    def versions(id: str):
        return jsonify(service.versions.kept(id))

    @routes.post("/circuits/<id>/versions")
    def keep(id: str):
        return jsonify(service.versions.keep(id)), 201

    _made(routes, service)
    _gallery(routes, service)
    return routes


def _made(routes: Blueprint, service: Service) -> None:
    @routes.post("/import")
    def import_file():
        name = unquote(request.headers.get("X-Filename", ""))
        with turn(service.lanes.files, "import") as stop:
            data = request.get_data(cache=False)
            if not data:
                raise BadRequest("The file is empty.")
            return jsonify(service.apart.call(stop, "open_file", name, data))

    @routes.post("/generate")
    def generate():
        with turn(service.lanes.files, "generate") as stop:
            data = body()
            seed = optional(data, "seed", a_whole_number, 0)
            if not 0 <= seed < 2**63:
                raise BadRequest("The seed must be a whole number, 0 or more.")
            topology = required(data, "topology", a_text)
            params = optional(data, "params", plain_values, {})
            return jsonify(service.apart.call(stop, "generate", topology, params, seed))


def _gallery(routes: Blueprint, service: Service) -> None:
    @routes.get("/gallery")
    def gallery():
        return jsonify(service.gallery.entries)

    @routes.get("/gallery/<id>")
    def gallery_item(id: str):
        if id not in service.gallery.ids():
            return not_found(f"There is no example '{id[:40]}'.")
        if request.args.get("sim") == "0":
            return jsonify(service.gallery_item(id, simulate=False))
        with turn(service.lanes.solves, "gallery"):
            return jsonify(service.gallery_item(id))
