"""Routes of circuits: describe, store, check, import, generate, gallery."""

from urllib.parse import unquote

from flask import Blueprint, jsonify, request

from ..service import Service
from .answers import BadRequest, body, field, not_found
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
        id, revision = documents.create(field(data, "circuit"), data.get("id"))
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
        client = str(data.get("client", ""))
        revision = documents.save(id, field(data, "circuit"), field(data, "revision", int), client)
        return jsonify({"revision": revision})

    @routes.delete("/circuits/<id>")
    def delete(id: str):
        service.delete(id)
        return "", 204

    @routes.post("/import")
    def import_file():
        name = unquote(request.headers.get("X-Filename", ""))
        with turn(service.lanes.files, "import"):
            data = request.get_data(cache=False)
            if not data:
                raise BadRequest("The file is empty.")
            return jsonify(service.open_file(name, data))

    @routes.post("/generate")
    def generate():
        with turn(service.lanes.files, "generate"):
            data = body()
            seed = data.get("seed", 0)
            if not isinstance(seed, int) or isinstance(seed, bool) or seed < 0:
                raise BadRequest("The seed must be a whole number, 0 or more.")
            topology = field(data, "topology", str)
            return jsonify(service.generate(topology, data.get("params") or {}, seed))

    _gallery(routes, service)
    return routes


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
