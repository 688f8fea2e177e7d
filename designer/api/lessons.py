"""Routes of lessons: the list, one of them, its pictures, and a file that lies nowhere."""

from urllib.parse import unquote

from flask import Blueprint, jsonify, request, send_file

from ..lessons import LessonError, decoded
from ..security import refusal
from ..service import Service
from .answers import not_found
from .asking import turn


def routes(service: Service) -> Blueprint:
    """Blueprint of the routes."""
    routes = Blueprint("lessons", __name__, url_prefix="/api/lessons")

    @routes.get("")
    def listed():
        return jsonify(service.lessons.listed())

    @routes.post("")
    def read():
        name = unquote(request.headers.get("X-Filename", ""))[:120]
        with turn(service.lanes.files, "lesson"):
            data = request.get_data(cache=False)
            try:
                return jsonify(service.lessons.read(decoded(data), name=name))
            except LessonError as error:
                raise error.at(name=name) from None

    @routes.get("/<id>")
    def lesson(id: str):
        try:
            return jsonify(service.lessons.load(id))
        except KeyError:
            return not_found(f"There is no lesson '{id[:60]}'.")

    @routes.get("/<id>/pictures/<name>")
    def picture(id: str, name: str):
        try:
            return send_file(service.lessons.picture(id, name).absolute())
        except KeyError:
            return not_found(f"The lesson '{id[:60]}' has no picture '{name[:60]}'.")

    @routes.errorhandler(LessonError)
    def fault(error: LessonError):
        return refusal(422, str(error))

    return routes
