"""The benchmark's rows compute the same answer, and its table has its columns; no test of times."""

import json
import math
from importlib.util import find_spec

import networkx as nx
import numpy as np
import pytest
import torch

from backend.bench import epoch, ours, scan
from backend.bench.authors import AuthorsField, check_tape
from backend.bench.ceiling import CHAINS, LANES, edge_chains, fma_chains
from backend.bench.jax_peers import ADAPTIVE, FIXED, JaxProcess
from backend.bench.jax_peers import rows as jax_rows
from backend.bench.run import run_benchmarks
from backend.bench.table import Lap, LeftOut, Row, Section, difference, measure, print_section
from backend.bench.torch_peers import (
    forward_row,
    gradient_row,
    torchdiffeq_solve,
    torchode_solve,
)
from backend.bench.workloads import GRAPHS, STEPS, Workload, mnist_graph, workload
from backend.errors import StudioError, UnknownNameError

INSTALL = r"pip install 'kirchhoff-studio\[bench\]'"
COLUMNS = {"label", "left_out", "ratio", "cpu_s", "wall_s", "wall_2_s", "laps", "difference"}


@pytest.fixture(scope="module")
def small() -> Workload:
    """Tanh: relu's kinks would turn the 3/8 rule's other stages into other gradients."""
    return workload("small", "tanh")


@pytest.fixture(scope="module")
def field(small):
    return ours.field_of(small)


def answer(row: Row):
    assert row.outcome is not None
    return row.outcome(row.lap().result)


@pytest.mark.parametrize("name", ["small", "medium", "large", "board"])
def test_random_graphs_have_the_stated_size_and_no_loops(name):
    graph = GRAPHS[name][0]()
    sizes = {"small": (32, 512), "medium": (835, 20000), "large": (3072, 200000), "board": (12, 40)}
    assert (graph.nodes, graph.devices) == sizes[name]
    assert (graph.source != graph.target).all()
    assert min(graph.source.min(), graph.target.min()) >= 0
    assert max(graph.source.max(), graph.target.max()) <= graph.nodes
    pairs = nx.Graph(zip(graph.source.tolist(), graph.target.tolist(), strict=True))
    assert graph.pairs == pairs.number_of_edges()


def test_mnist_graph_is_the_authors():
    graph = mnist_graph()
    assert (graph.nodes, graph.devices, graph.pairs) == (834, 230_068, 56_570)


def test_circuit_is_the_workload():
    work = workload("board")
    circuit = work.circuit()
    assert [node.voltage for node in circuit.nodes] == work.start[:, 0].tolist()
    ends = [("gnd" if k == 0 else f"n{k}") for k in work.graph.target.tolist()]
    assert [device.target for device in circuit.devices] == ends
    assert [device.params["b"] for device in circuit.devices] == work.theta[1].tolist()


@pytest.mark.parametrize(
    ("options", "method", "tolerance"),
    [
        ({"solver": "rk4", "steps": STEPS}, "rk4", 5e-6),
        ({"solver": "dopri5", "rtol": 1e-5, "atol": 1e-5}, "dopri5", 1e-3),
    ],
)
def test_ours_agrees_with_torchdiffeq(small, field, options, method, tolerance):
    mine = answer(ours.rows(small, field, gradient=True, **options)[0])
    forward = answer(ours.rows(small, field, gradient=False, **options)[0])
    for adjoint in (False, True):
        solve = torchdiffeq_solve(method, adjoint)
        theirs = answer(gradient_row("peer", small, solve, tape=not adjoint))
        assert [a.shape for a in mine] == [a.shape for a in theirs]
        assert difference(mine, theirs) < tolerance
    ends = answer(forward_row("peer", small, torchdiffeq_solve(method)))
    assert difference(forward, ends) < tolerance


def test_authors_field_obeys_kirchhoff(small):
    """Ground takes what the nodes give: without it the currents sum to what ground receives."""
    field = AuthorsField(small)
    v = torch.from_numpy(small.start.T.copy())
    a, b, c = small.theta
    padded = np.pad(small.start, ((1, 0), (0, 0)))
    source, target = small.graph.source, small.graph.target
    i = np.tanh(a[:, None] * padded[source] + b[:, None] * padded[target] + c[:, None])
    to_ground = i[target == 0].sum(0) - i[source == 0].sum(0)
    with torch.no_grad():
        total = field(0.0, v).sum(1).numpy()
    np.testing.assert_allclose(total, -to_ground, atol=2e-5)


def test_jax_rows_agree_or_say_how_to_install(small, field):
    mine = answer(ours.rows(small, field, gradient=True, solver="rk4", steps=STEPS)[0])
    with JaxProcess(small) as process:
        rows = jax_rows(process, small, FIXED + ADAPTIVE, gradient=True)
        if find_spec("diffrax") is None:
            with pytest.raises(LeftOut, match=INSTALL):
                rows[-1].lap()
            return
        for row in rows:
            lap = row.lap()
            assert difference(lap.result, mine) < (1e-5 if "rk4" in row.label else 1e-3)
            assert row.lap().result is None  # an answer travels once


def test_torchode_agrees_or_says_how_to_install(small):
    row = gradient_row("torchode", small, torchode_solve(), tape=True)
    if find_spec("torchode") is None:
        with pytest.raises(LeftOut, match=INSTALL):
            row.lap()
        return
    theirs = answer(gradient_row("peer", small, torchdiffeq_solve("dopri5"), tape=True))
    assert difference(answer(row), theirs) < 1e-3


def test_board_rows_agree_with_torchdiffeq():
    work = workload("board", "tanh")
    path = answer(ours.trajectory_rows(work, solver="rk4", steps=199, outputs=200)[0])
    back = answer(ours.adjoint_rows(work, solver="rk4", steps=199, outputs=200)[0])
    solve = torchdiffeq_solve("rk4", steps=199, outputs=200)
    assert difference(path, answer(forward_row("peer", work, solve))) < 1e-5
    assert difference(back, answer(gradient_row("peer", work, solve, tape=True))) < 1e-5


def test_a_tape_that_does_not_fit_is_refused(small):
    v = torch.from_numpy(small.start.T.copy())
    check_tape(AuthorsField(small), v, 1)
    with pytest.raises(LeftOut, match=r"tape of .* GB does not fit"):
        check_tape(AuthorsField(small), v, 10**9)


def test_a_solve_beyond_its_time_is_given_up(small):
    row = gradient_row("peer", small, torchdiffeq_solve("rk4", True), tape=False, limit_s=0.0)
    with pytest.raises(LeftOut, match="takes more than 0 s"):
        row.lap()


def test_table_has_its_columns_and_its_ratios():
    def row(label: str, cpu: float, value: float) -> Row:
        return Row(label, lambda: Lap(cpu, cpu, value), lambda x: (np.array([1.0, x]),))

    def refuse() -> Lap:
        raise LeftOut("no such program")

    threads: list[int] = []
    rows = [row("one", 0.125, 1.0), row("two", 0.25, 2.0), Row("three", refuse)]
    record = measure(Section("title", rows, threads.append), repeats=2, threads=2)
    one, two, three = record["rows"]
    assert set(one) == set(two) == COLUMNS
    assert (one["ratio"], two["ratio"], two["laps"], two["wall_2_s"]) == (1.0, 2.0, 2, 0.25)
    assert two["difference"] == pytest.approx(1 / math.sqrt(2))
    assert three == {"label": "three", "left_out": "no such program"}
    assert threads == [1, 2, 1]
    lines: list[str] = []
    print_section(record, lines.append)
    assert "CPU ms" in lines[1]
    assert lines[-1].split(None, 1) == ["three", "left out: no such program"]


def test_one_benchmark_in_its_own_process():
    lines: list[str] = []
    table = run_benchmarks("adjoint", lines.append, repeats=1)["adjoint"]
    assert table["tuned"]
    assert any("MALLOC_MMAP_THRESHOLD_" in line for line in lines)
    rows = {row["label"]: row for section in table["sections"] for row in section["rows"]}
    assert rows["ours"]["ratio"] == 1.0
    assert rows["torchdiffeq rk4, backprop"]["difference"] < 1e-2
    assert json.dumps(table)


def test_unknown_benchmark_and_broken_process():
    with pytest.raises(UnknownNameError, match="did you mean 'mnist'"):
        run_benchmarks("minst", print)
    with pytest.raises(StudioError, match=r"benchmark ceiling: its process failed \(ValueError"):
        run_benchmarks("ceiling", print, repeats="many")  # type: ignore[arg-type]


def test_ceiling_kernels_compute_what_they_say():
    """Every lane of chain k starts at b + k; lane 0 of the sum over all chains comes back."""
    a, b, turns = -0.5, 0.25, 3
    x = [b + k for k in range(CHAINS)]
    for _ in range(turns):
        x = [a * each + b for each in x]
    assert fma_chains(np.float32(a), np.float32(b), turns) == pytest.approx(sum(x), rel=1e-6)
    u, total = [b + k for k in range(CHAINS)], 0.0
    for _ in range(turns):
        u = [b * (a * each + b) + a for each in u]
        total += sum(max(each, 0.0) for each in u)
    expected = sum(u) + total
    assert edge_chains(np.float32(a), np.float32(b), turns) == pytest.approx(expected, rel=1e-6)
    assert LANES in (8, 16)


def test_epoch_circuit_is_the_stated_one():
    circuit = epoch.local_circuit()
    assert len(circuit.nodes) == 3122
    assert [len(part.devices) for part in circuit.slices] == [44_928, 115_800, 6_010]


def test_epoch_models_agree():
    circuit = epoch.local_circuit((1, 2))
    images = torch.rand(3, 784, generator=torch.Generator().manual_seed(1))
    answers = []
    for build in (epoch.our_model, epoch.authors_model):
        model, parameters = build(circuit)
        logits = model(images)
        (logits * logits).sum().backward()
        slices = [table.grad for table in parameters]
        if len(slices) == 6:  # ours: gain and threshold apart, (E, 1) each
            slices = [torch.stack(slices[k : k + 2])[..., 0] for k in (0, 2, 4)]  # type: ignore[arg-type]
        answers.append((logits.detach().numpy(), *(table.numpy() for table in slices)))  # type: ignore[union-attr]
    assert difference(*answers) < 1e-5


@pytest.mark.parametrize("last", [True, False])
def test_ways_to_run_a_cascade_agree(last):
    given = scan.problem(2, 50, 4, 3, last)
    mine, *others = [answer(row) for row in scan.rows(given, gradient=True)]
    assert mine[0].shape == ((2, 50, 4) if last else (2, 50, 4, 3))
    assert [len(other) for other in others] == [3, 3, 2, 3, 3]
    for other in others:
        assert difference(other, mine) < 3e-6
