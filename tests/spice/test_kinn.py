"""Kirchhoff cells in a real ngspice, with edges of 1e-4 of a step, against their mathematics.

The seven comparisons of the specification: a cascade under three settings of the integrator,
passive cells behind buffers and without, a selective cell, a ring. Then a mesh at rest, Kirchhoff's
law of the simulator's own currents, and lanes of a network that was trained here.
"""

import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse
import scipy.sparse.linalg
import torch
from scipy.linalg import expm

from backend.circuit import GROUND
from backend.engine.scan import cascade, selective
from backend.export.ngspice import rest_by_ngspice, run_deck, run_ngspice
from backend.export.spice import netlist
from backend.export.verify import verify
from backend.export.verify_excerpt import verify_excerpt
from backend.models import MODELS, Data, Shape
from backend.models.kinn.circuits import (
    Lane,
    Scale,
    cascade_circuit,
    mesh_circuit,
    ring_circuit,
    selective_circuit,
)
from backend.models.kinn.circuits.drawing import Drawing
from backend.models.kinn.circuits.drives import held
from backend.params import check_params
from backend.waveforms.constant import Constant

pytestmark = [
    pytest.mark.spice,
    pytest.mark.skipif(shutil.which("ngspice") is None, reason="ngspice is not on PATH"),
]

EDGE, WITHIN = 1e-4, 1e-4
STEPS, STEP = 30, 0.05
SCALE = Scale()
TIMES = np.linspace(0, STEPS * STEP * SCALE.seconds, STEPS + 1)
RNG = np.random.default_rng(2603)
INPUT = RNG.normal(size=STEPS)
TAUS, KAPPAS = (0.08, 0.2, 0.35), (1.3, -0.8, 0.6)


def apart(found, wanted):
    return np.linalg.norm(found - wanted) / np.linalg.norm(wanted)


def driven():
    return held(INPUT.tolist(), STEP * SCALE.seconds, EDGE)


def lane():
    made = Lane(TAUS, {"u": 1.0}, kappas=KAPPAS)
    return cascade_circuit([made], {"u": driven()}, STEPS * STEP * SCALE.seconds, scale=SCALE)


def exact(taus=TAUS, kappas=KAPPAS):
    """Taps (STEPS, n) by the scan's rule ``exact``."""
    u = torch.from_numpy(INPUT).reshape(1, -1, 1)
    tau, kappa = (torch.tensor(x, dtype=torch.float64).reshape(-1, 1) for x in (taus, kappas))
    return cascade(u, tau, kappa, step=STEP)[0, :, 0].numpy()


def joint(matrix, inward, constant):
    """States (STEPS, n) of dv/dt = A v + b u + c, by the exponential of the joint matrix."""
    n = len(matrix)
    whole = np.zeros((n + 2, n + 2))
    whole[:n, :n], whole[:n, n], whole[:n, n + 1] = matrix, inward, constant
    step, v, found = expm(whole * STEP), np.zeros(n), []
    for u in INPUT:
        v = (step @ np.concatenate([v, [u, 1.0]]))[:n]
        found.append(v)
    return np.array(found)


def test_1_a_cascade_of_mixed_signs_is_the_rule_exact():
    assert apart(run_ngspice(lane(), TIMES)[1:, 1:], exact()) < WITHIN


@pytest.mark.parametrize("options", ["", ".options method=gear reltol=1e-6 vntol=1e-12"])
def test_2_and_3_at_usual_tolerances_and_by_gear(options):
    longest, end = STEP * SCALE.seconds / 100, float(TIMES[-1])
    deck = re.sub(r"\.options .*", options, netlist(lane(), outputs=STEPS + 1))
    deck = re.sub(r"\.tran .*", f".tran {longest!r} {end!r} 0 {longest!r} uic", deck)
    _, table, names = run_deck(deck)
    found = [
        np.interp(TIMES[1:], table[:, 0], table[:, names.index(f"v(n{k})")]) for k in (2, 3, 4)
    ]
    assert apart(np.stack(found, 1), exact()) < WITHIN


INWARD, LEAK, REST = (9.0, 6.0, 4.0), (3.0, 1.5, 2.5), 0.4
"""Passive conductances in front of each node and to the source of the rest potential."""


def passive(buffered):
    """Resistors from node to node; a buffer senses a voltage and gives it without being loaded."""
    drawing = Drawing()
    drawing.held("u", driven())
    drawing.held("rest", Constant(REST))
    before = "u"
    for m, (g, leak) in enumerate(zip(INWARD, LEAK, strict=True), start=1):
        node = drawing.node(f"v{m}", SCALE.farads)
        g, leak = SCALE.conductance(g), SCALE.conductance(leak)
        if m == 1 or not buffered:
            drawing.resistor(before, node, g)
        else:
            # The resistor behind a buffer of voltage v carries g v - g v_m.
            drawing.transconductor(before, node, g)
            drawing.resistor(node, GROUND, g)
        drawing.resistor("rest", node, leak)
        before = node
    return drawing.circuit(STEPS * STEP * SCALE.seconds, "passive")


def passive_matrix(buffered):
    matrix = -np.diag(np.add(INWARD, LEAK))
    for m in (1, 2):
        matrix[m, m - 1] = INWARD[m]
        if not buffered:
            matrix[m - 1, m] = INWARD[m]
            matrix[m - 1, m - 1] -= INWARD[m]
    return matrix


def test_4_and_5_passive_cells_behind_buffers_and_without():
    outputs = {}
    for buffered in (True, False):
        found = run_ngspice(passive(buffered), TIMES)[1:, 2:]
        inward = np.array([INWARD[0], 0, 0])
        wanted = joint(passive_matrix(buffered), inward, np.multiply(LEAK, REST))
        assert apart(found, wanted) < WITHIN
        outputs[buffered] = found
    assert apart(outputs[False], outputs[True]) > 0.01, "without buffers cells load each other"


def test_6_a_selective_cell():
    g, leak = RNG.uniform(0, 12, STEPS), 1.5
    circuit = selective_circuit(INPUT.tolist(), g.tolist(), STEP, leak=leak, edge=EDGE)
    found = run_ngspice(circuit, TIMES)[1:, 1]
    u, tau = (
        torch.from_numpy(x).reshape(1, -1, 1) for x in (INPUT * g / (g + leak), 1 / (g + leak))
    )
    assert apart(found, selective(u, tau, step=STEP)[0, :, 0, 0].numpy()) < WITHIN


def test_7_a_ring_of_eight_is_its_fourier_response():
    start, sigma, beta = RNG.normal(size=8), 0.13, 0.21
    found = run_ngspice(ring_circuit(start, [sigma], [beta]), np.linspace(0, SCALE.seconds, 11))[-1]
    k = 2 * np.pi * np.fft.fftfreq(8)
    response = np.exp(-2 * (sigma * 8 * np.sin(k / 2)) ** 2 - 1j * beta * 8 * np.sin(k))
    assert apart(found, np.fft.ifft(response * np.fft.fft(start)).real) < WITHIN


def test_the_simulators_own_currents_obey_kirchhoffs_law():
    """At every node the currents of its capacitor, its leak and what charges it add up to 0."""
    deck = netlist(lane()).replace(".print tran", ".options savecurrents\n.save all\n.print tran")
    _, table, names = run_deck(deck)
    t = table[:, 0]
    current = {name: table[:, k] for k, name in enumerate(names) if "[i]" in name or "#" in name}
    # Cards are numbered by node and by device: a resistor and a transconductor for every cell.
    for m in (1, 2, 3):
        capacitor, leak, gain = f"@c{m + 1}[i]", f"@b{2 * m - 1}[i]", f"@g{2 * m}[i]"
        parts = [next(values for name, values in current.items() if key in name)
                 for key in (capacitor, leak, gain)]  # fmt: skip
        residual = (parts[0] + parts[1] - parts[2])[t > 0.01 * t[-1]]
        assert np.abs(residual).max() < 1e-6 * np.abs(parts[2]).max()


def test_a_mesh_at_rest_is_darcys_sparse_solve():
    """12 x 12 inner nodes, 312 resistors."""
    shape = (14, 14)
    a = np.where(RNG.normal(size=shape) > 0, 12.0, 3.0)
    circuit = mesh_circuit(a, np.ones(shape))
    resistors = [device for device in circuit.devices if device.kind == "resistor"]
    assert (len(circuit.nodes), len(resistors)) == (144, 312)
    found = rest_by_ngspice(circuit)
    inner = list(np.ndindex(12, 12))
    matrix, h = scipy.sparse.lil_matrix((144, 144)), 1 / 13
    for row, (i, j) in enumerate(inner):
        for di, dj in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            g = (a[i + 1, j + 1] + a[i + 1 + di, j + 1 + dj]) / 2
            matrix[row, row] += g
            if 0 <= i + di < 12 and 0 <= j + dj < 12:
                matrix[row, row + 12 * di + dj] -= g
    wanted = np.asarray(scipy.sparse.linalg.spsolve(matrix.tocsc(), np.full(144, h**2)))
    assert np.abs(found - wanted).max() < 1e-9 * np.abs(wanted).max()
    relaxed = run_ngspice(circuit, np.linspace(0, circuit.duration, 3))[-1]
    assert np.abs(relaxed - wanted).max() < 1e-4 * np.abs(wanted).max()


def trained(periodic):
    """A cascade network that has learnt the heat flow of sines for a few steps."""
    size = 33
    shape = Shape((1, size), "grid", periodic)
    data = Data("", "Heat", "operator", shape, shape)
    options = {"cell": "cascade", "channels": 6, "lanes": 8, "blocks": 2}
    model = MODELS["kinn"].build(data, check_params(MODELS["kinn"].params, options), 0)
    at = torch.tensor(shape.axes()[0])
    waves = torch.arange(1, 4)
    share = torch.randn(64, 3, generator=torch.Generator().manual_seed(1))
    way = 2 if periodic else 1
    modes = torch.sin(way * torch.pi * waves[:, None] * at)
    x, y = ((share * fade) @ modes for fade in (torch.ones(3), torch.exp(-0.2 * waves**2)))
    x, y = x.unsqueeze(1).float(), y.unsqueeze(1).float()
    model.adapt(x, y)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2)
    errors = []
    for _ in range(60):
        error = (model(x) - y).norm() / y.norm()
        optimiser.zero_grad()
        error.backward()
        optimiser.step()
        errors.append(float(error.detach()))
    assert errors[-1] < 0.2 * errors[0], "it learns"
    return model.eval(), x[0]


@pytest.mark.parametrize("periodic", [False, True])
def test_a_trained_lane_bank_is_what_ngspice_computes(periodic):
    model, x = trained(periodic)
    result = verify_excerpt(model.excerpt(x), tolerance=1e-3)
    assert result.ok, f"{result.circuit.text} {result.line}"
    assert 0 < result.model_error < 1e-3
    one = verify_excerpt(model.excerpt(x, block=2, lane=2, components=True), tolerance=1e-3)
    assert one.ok, one.line
    assert 0 < one.model_error < 1e-3


def test_a_wrong_circuit_is_noticed():
    """One time constant off by a tenth: ngspice still agrees with us, but not with the network."""
    model, x = trained(False)
    excerpt = model.excerpt(x, lane=1)
    nodes = tuple(
        node if node.drive else replace(node, capacitance=1.1 * node.capacitance)
        for node in excerpt.circuit.nodes
    )
    result = verify_excerpt(replace(excerpt, circuit=excerpt.circuit.replace(nodes=nodes)))
    assert result.circuit.ok
    assert not result.ok
    assert "DIFFER" in result.line


def test_millivolts_are_compared_too():
    wave = held((1e-4 * INPUT[:5]).tolist(), 0.1)
    made = cascade_circuit([Lane([0.1], {"u": 1.0})], {"u": wave}, 0.5, scale=Scale(1.0, 1.0))
    assert verify(made, tolerance=1e-4).ok


def test_jumps_at_the_times_that_are_compared_are_no_disagreement():
    """Held inputs whose every jump falls on one of the usual 201 times."""
    wave = held(INPUT[:20].tolist(), 0.05)
    made = cascade_circuit([Lane([0.1], {"u": 1.0})], {"u": wave}, 1.0, scale=Scale(1.0, 1.0))
    result = verify(made, tolerance=1e-4)
    assert result.ok, result.text
