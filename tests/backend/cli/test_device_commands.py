"""``kirchhoff devices`` says what a solve then does."""

from collections.abc import Mapping

import pytest
import torch
from torch import Tensor

from backend import cli
from backend.circuit import Circuit, Device, Node, Slice
from backend.circuit.compile import compile_circuit
from backend.cli.devices import DRIVEN, FUSED, LOOP, PLAIN, paths
from backend.devices import DEVICES, DeviceLaw
from backend.params import Param
from backend.simulation.simulate import make_solver, simulate
from backend.solvers import integrate_all
from backend.solvers.fused import known_on


class Cubic(DeviceLaw):
    """i = k D^3, a law of its own."""

    title = "Cubic"
    params = (Param("k", 1.0),)

    @classmethod
    def current(cls, v_s: Tensor, v_d: Tensor, p: Mapping[str, Tensor]) -> Tensor:
        return p["k"] * (v_s - v_d) ** 3

    @classmethod
    def conductances(cls, v_s: Tensor, v_d: Tensor, p: Mapping[str, Tensor]) -> tuple:
        g = 3 * p["k"] * (v_s - v_d) ** 2
        return g, -g

    @classmethod
    def derivatives(cls, v_s: Tensor, v_d: Tensor, p: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {"k": (v_s - v_d) ** 3}

    @classmethod
    def spice(cls, v_s: str, v_d: str, p: Mapping[str, float]) -> str:
        return f"{p['k']!r}*({v_s}-{v_d})**3"


@pytest.fixture
def cubic():
    """A kind that a user has registered."""
    DEVICES.register("cubic")(Cubic)
    yield "cubic"
    del DEVICES._entries["cubic"]


def test_every_kind_has_a_line(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["kirchhoff", "devices"])
    assert cli.run() == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == [
        "kind",
        "training",
        "in",
        "float64",
        "on",
        "CUDA",
        "simulation",
        "title",
    ]
    assert [line.split()[0] for line in lines[:-1]] == DEVICES.names()
    assert lines[-1].startswith(DRIVEN)


@pytest.mark.parametrize("kind", DEVICES.names())
def test_the_path_is_the_one_that_is_taken(kind, monkeypatch):
    """Compiled code never calls the law itself."""
    check(kind, paths(kind), monkeypatch)


def test_a_law_that_compiled_code_does_not_know_is_said_to_be_plain(cubic, monkeypatch):
    assert paths(cubic) == (PLAIN, PLAIN, PLAIN, PLAIN)
    check(cubic, (PLAIN, PLAIN, PLAIN, PLAIN), monkeypatch)


def test_laws_of_the_family_are_compiled_and_others_are_not():
    assert paths("tanh") == (FUSED, FUSED, FUSED, LOOP)
    assert paths("diode")[0] == PLAIN


def test_one_sided_laws_and_driven_nodes_take_plain_torch_on_cuda():
    assert paths("transconductor") == (FUSED, FUSED, PLAIN, LOOP)
    assert paths(DRIVEN) == (PLAIN, PLAIN, PLAIN, LOOP)
    nodes = (Node("a", role="input"), Node("b", role="output"))
    circuit = Circuit(nodes, (Slice((Device("d", "transconductor", "a", "b"),)),))
    plan = next(compile_circuit(circuit, torch.float32).fields()).plan()
    assert plan is not None
    assert known_on("cpu", plan)
    assert not known_on("cuda", plan)


def check(kind: str, said: tuple[str, str, str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    law, current = DEVICES[kind], DEVICES[kind].current

    def counted(v_s: Tensor, v_d: Tensor, p: Mapping[str, Tensor]) -> Tensor:
        calls.append(kind)
        return current(v_s, v_d, p)

    monkeypatch.setattr(law, "current", counted)
    nodes = (Node("a", 0.5, role="input"), Node("b", role="output"))
    circuit = Circuit(nodes, (Slice((Device("d", kind, "a", "b"),)),))
    for dtype, way in zip((torch.float32, torch.float64), said, strict=False):
        fields = list(compile_circuit(circuit, dtype).fields())
        integrate_all(fields, torch.full((2, 3), 0.1, dtype=dtype), make_solver("rk4", steps=2))
        assert bool(calls) == (way == PLAIN)
        calls.clear()
    simulate(circuit, solver="rk4", steps=20, outputs=3, check=False)
    assert bool(calls) == (said[3] == PLAIN)
