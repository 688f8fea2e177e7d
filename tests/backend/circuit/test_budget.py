import pytest

from backend.circuit.budget import PAGE, Limit, check_solve, fitting_steps, own_process
from backend.errors import StudioError
from backend.solvers import SOLVERS
from backend.topologies import TOPOLOGIES


def ring(nodes):
    return TOPOLOGIES["ring"](nodes=nodes).generate(0)


@pytest.mark.parametrize(
    ("nodes", "solver", "options", "outputs", "named"),
    [
        (3, "rk4", {"steps": 10**8}, 201, "steps = 100,000,000"),
        (3, "rk4", {"steps": 10**5000}, 201, r"steps = 10\^15 or more"),
        (3, "euler", {"steps": 200}, 10**8, "outputs = 100,000,000"),
        (3, "dopri5", {"max_steps": 10**9}, 201, "max_steps = 1,000,000,000"),
        (5000, "rodas4", {}, 201, "5,000 nodes"),
    ],
)
@pytest.mark.parametrize("adjoint", [False, True])
def test_too_much_is_refused_by_name(nodes, solver, options, outputs, named, adjoint):
    with pytest.raises(StudioError, match=named) as refused:
        check_solve(ring(nodes), SOLVERS[solver], options, outputs, adjoint=adjoint)
    assert len(str(refused.value)) < 300
    assert "choose" in str(refused.value)
    assert "kirchhoff simulate" in str(refused.value)


@pytest.mark.parametrize("solver", sorted(SOLVERS))
@pytest.mark.parametrize("nodes", [3, 50, 500])
def test_ordinary_solves_are_let_through(solver, nodes):
    options = {"steps": 1000}
    assert check_solve(ring(nodes), SOLVERS[solver], options, 201, adjoint=True) < PAGE.memory


def test_the_remedy_is_let_through():
    circuit, kind = ring(100), SOLVERS["rk4"]
    with pytest.raises(StudioError) as refused:
        check_solve(circuit, kind, {"steps": 10**7}, 201, adjoint=True)
    fits = int(str(refused.value).split("steps up to ")[1].split(", or")[0].replace(",", ""))
    assert fits > 1000
    check_solve(circuit, kind, {"steps": fits}, 201, adjoint=True)


def test_time_is_estimated_where_memory_is_not_the_matter():
    roomy = Limit(memory=10**15, seconds=30.0)
    with pytest.raises(StudioError, match=r"steps = 1,000,000,000 .* h, and 30 s are allowed"):
        check_solve(ring(100), SOLVERS["rk4"], {"steps": 10**9}, 201, limit=roomy)
    with pytest.raises(StudioError, match="dense system of 20,000 nodes"):
        check_solve(ring(20_000), SOLVERS["rodas4"], {}, 2, limit=roomy)


def test_steps_that_fit_are_let_through():
    circuit = ring(1000)
    fits = fitting_steps(circuit, adjoint=True)
    assert fits >= 500
    check_solve(circuit, SOLVERS["dopri5"], {"max_steps": fits}, 50, adjoint=True)


def test_a_process_of_ones_own_may_take_more():
    assert own_process().memory > PAGE.memory
    assert own_process().seconds > PAGE.seconds
    assert own_process().otherwise == ""


def test_the_command_refuses_what_the_machine_cannot_hold(tmp_path, capsys, monkeypatch):
    from backend import cli
    from backend.circuit.files import write_circuit

    write_circuit(ring(50), tmp_path / "ring.json")
    command = ["kirchhoff", "simulate", str(tmp_path / "ring.json"), "-o", str(tmp_path / "x.npz")]
    monkeypatch.setattr("sys.argv", [*command, "--steps", "1" + "0" * 14])
    assert cli.run() == 2
    said = capsys.readouterr().err
    assert len(said.strip().splitlines()) == 1
    assert "ring.json: steps = 100,000,000,000,000" in said
    assert not (tmp_path / "x.npz").exists()
