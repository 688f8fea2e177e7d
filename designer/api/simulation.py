"""Routes of simulation: run, arrays, I-V curves, gradient check, health."""

from importlib.metadata import PackageNotFoundError, version

from flask import Blueprint, jsonify, request

from ..security import valid_hash
from ..service import Service
from .answers import BadRequest, binary, body, field, not_found
from .asking import asker, turn


def routes(service: Service) -> Blueprint:
    """Blueprint of the routes."""
    routes = Blueprint("simulation", __name__, url_prefix="/api")
    simulations, solves = service.simulations, service.lanes.solves

    @routes.get("/health")
    def health():
        return jsonify({"ok": True, "ready": service.ready.is_set(), "version": _version()})

    @routes.post("/sim")
    def simulate():
        with turn(solves, "simulation") as stop:
            data = body()
            settings = data.get("settings") or {}
            return jsonify(simulations.run(field(data, "circuit"), settings, stop))

    @routes.post("/sim/cancel")
    def cancel():
        # A page that closes can only send, not wait.
        service.lanes.cancel(asker(request, "").page)
        return "", 204

    @routes.post("/flow")
    def flow():
        with turn(solves, "flow"):
            return jsonify(service.flow(field(body(), "circuit")))

    @routes.post("/networks/<id>/sim")
    def simulate_network(id: str):
        with turn(solves, "simulation") as stop:
            data = body()
            voltages = data.get("voltages")
            if voltages is not None and not isinstance(voltages, list):
                raise BadRequest("The voltages of the inputs must be a list.")
            settings = data.get("settings") or {}
            return jsonify(service.networks.simulate(id, voltages, settings, stop))

    @routes.get("/sim/<key>.bin")
    def arrays(key: str):
        data = service.results.get(key) if valid_hash(key) else None
        if data is None:
            return not_found("This result is no longer stored; simulate again.")
        return binary(data, immutable=True)

    @routes.post("/curve")
    def curve():
        data = body()
        try:
            low, high = float(data.get("low", -2)), float(data.get("high", 2))
            points, v_d = int(data.get("points", 101)), float(data.get("v_d") or 0.0)
        except (TypeError, ValueError):
            raise BadRequest("low, high, points and v_d must be numbers.") from None
        kind, params = field(data, "kind", str), data.get("params") or {}
        return jsonify(simulations.curve(kind, params, low=low, high=high, points=points, v_d=v_d))

    @routes.post("/gradient-check")
    def gradient_check():
        with turn(solves, "gradient") as stop:
            data = body()
            found = simulations.gradient_check(
                field(data, "circuit"),
                data.get("settings") or {},
                field(data, "device", str),
                field(data, "param", str),
                stop,
            )
        return jsonify(found)

    return routes


def _version() -> str:
    try:
        return version("kirchhoff-studio")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"
