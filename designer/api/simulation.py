"""Routes of simulation: run, arrays, I-V curves, gradient check, health."""

from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version

from flask import Blueprint, jsonify, request

from ..security import valid_hash
from ..service import Service
from ..service.requests import (
    a_number,
    a_text,
    a_whole_number,
    optional,
    plain_values,
    required,
    settings,
    voltages,
)
from .answers import binary, body, circuit_of, not_found
from .asking import asker, turn


def routes(service: Service) -> Blueprint:
    """Blueprint of the routes."""
    routes = Blueprint("simulation", __name__, url_prefix="/api")
    simulations, solves = service.simulations, service.lanes.solves

    @routes.get("/health")
    def health():
        return jsonify(
            {
                "ok": True,
                "ready": service.ready.is_set(),
                "working": service.lanes.working,
                "version": _version(),
            }
        )

    @routes.post("/sim")
    def simulate():
        with turn(solves, "simulation") as stop:
            data = body()
            chosen = optional(data, "settings", settings, {})
            return jsonify(simulations.run(circuit_of(data), chosen, stop))

    @routes.post("/sim/cancel")
    def cancel():
        # A page that closes can only send, not wait.
        service.lanes.cancel(asker(request, "").page)
        return "", 204

    @routes.post("/flow")
    def flow():
        with turn(solves, "flow"):
            return jsonify(service.flow(circuit_of(body())))

    @routes.post("/portraits")
    def portraits():
        with turn(solves, "portraits"):
            return jsonify(service.portraits(circuit_of(body())))

    @routes.post("/networks/<id>/sim")
    def simulate_network(id: str):
        with turn(solves, "simulation") as stop:
            data = body()
            given = optional(data, "voltages", voltages, None)
            chosen = optional(data, "settings", settings, {})
            return jsonify(service.networks.simulate(id, given, chosen, stop))

    @routes.get("/sim/<key>.bin")
    def arrays(key: str):
        # From the file where there is one: a reader with a slow line then takes no memory.
        if valid_hash(key):
            with suppress(FileNotFoundError):
                return binary(service.results.path(key), immutable=True)
            if (data := service.results.get(key)) is not None:  # the disk did not take it
                return binary(data, immutable=True)
        return not_found("This result is no longer stored; simulate again.")

    _devices(routes, service)
    _nudges(routes, service)
    return routes


def _devices(routes: Blueprint, service: Service) -> None:
    simulations, solves = service.simulations, service.lanes.solves

    @routes.post("/curve")
    def curve():
        data = body()
        low = optional(data, "low", a_number, -2.0)
        high = optional(data, "high", a_number, 2.0)
        points = optional(data, "points", a_whole_number, 101)
        v_d = optional(data, "v_d", a_number, 0.0)
        kind = required(data, "kind", a_text)
        params = optional(data, "params", plain_values, {})
        return jsonify(simulations.curve(kind, params, low=low, high=high, points=points, v_d=v_d))

    @routes.post("/gradient-check")
    def gradient_check():
        with turn(solves, "gradient") as stop:
            data = body()
            found = simulations.gradient_check(
                circuit_of(data),
                optional(data, "settings", settings, {}),
                required(data, "device", a_text),
                required(data, "param", a_text),
                stop,
            )
        return jsonify(found)


def _nudges(routes: Blueprint, service: Service) -> None:
    @routes.post("/nudge")
    def nudge():
        with turn(service.lanes.solves, "nudge") as stop:
            data = body()
            found = service.simulations.nudge(
                circuit_of(data),
                optional(data, "settings", settings, {}),
                required(data, "node", a_text),
                required(data, "time", a_number),
                required(data, "size", a_number),
                stop,
            )
        return jsonify(found)


def _version() -> str:
    try:
        return version("kirchhoff-studio")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"
