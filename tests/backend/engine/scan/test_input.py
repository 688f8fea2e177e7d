"""Bad input is refused in one sentence that names the argument; torch's own rules hold."""

import pytest
import torch

from backend.engine.scan import cascade, components, filtered, meters, op, response, selective
from backend.errors import InputError

from .oracle import distance, problem

U = torch.zeros(2, 5, 3)
TAU = torch.ones(2, 3)
BAD = {
    "u: inputs are": (torch.zeros(5, 3), TAU, {}),
    "u: inputs are .*at least one step": (torch.zeros(2, 0, 3), TAU, {}),
    "u: a tensor is needed, found": ([[1.0]], TAU, {}),
    "u: numbers must be float32 or float64, found float16": (U.half(), TAU, {}),
    "u: numbers must be float32 or float64, found int64": (U.long(), TAU, {}),
    "tau: numbers must be .* found complex64": (U, TAU.cfloat(), {}),
    "tau: time constants are": (U, torch.ones(1, 1, 3), {}),
    "tau: 4 channels do not fit the 3": (U, torch.ones(2, 4), {}),
    "tau: a cascade has 1 to 16 cells, found 0": (U, torch.ones(0, 3), {}),
    "tau: a cascade has 1 to 16 cells, found 17": (U, torch.ones(17, 3), {}),
    "tau: time constants must not be negative or NaN, found -1": (U, -TAU, {}),
    "tau: time constants must not be .* found nan": (U, TAU * torch.nan, {}),
    "kappa: gains of shape": (U, TAU, {"kappa": torch.ones(3, 3)}),
    "kappa: gains are": (U, TAU, {"kappa": torch.ones(())}),
    "rule: no such rule 'fooh'; did you mean 'foh'": (U, TAU, {"rule": "fooh"}),
    "rule: no such rule": (U, TAU, {"rule": None}),
    "boundary: no such boundary": (U, TAU, {"boundary": "open"}),
    "step: a positive finite number": (U, TAU, {"step": 0}),
    "step: a positive finite number .*found NaN": (U, TAU, {"step": float("nan")}),
    "step: a positive finite number is": (U, TAU, {"step": torch.ones(())}),
    "initial: states before .*= \\(2, 3, 2\\), found": (U, TAU, {"initial": torch.ones(2, 2, 3)}),
    "initial: states of float64": (U, TAU, {"initial": torch.ones(2, 3, 2).double()}),
    "boundary='periodic' has no effect": (
        U, TAU, {"initial": torch.ones(2, 3, 2), "boundary": "periodic"},
    ),
    "tau: lies on meta, but u on cpu": (U, TAU.to("meta"), {}),
}  # fmt: skip


@pytest.mark.parametrize("message", BAD)
def test_one_sentence_for_bad_input(message):
    u, tau, options = BAD[message]
    with pytest.raises(InputError, match=message) as caught:
        cascade(u, tau, **options)
    assert "\n" not in str(caught.value)


def test_the_other_functions_refuse_as_well():
    with pytest.raises(InputError, match="k: wavenumbers are"):
        response(torch.ones(2, 2), TAU)
    with pytest.raises(InputError, match="u: inputs are"):
        filtered(U[0], TAU)
    with pytest.raises(InputError, match="taps: taps of shape"):
        components(U, torch.zeros(2, 5, 3, 1), TAU)
    with pytest.raises(InputError, match="taps: taps of shape"):
        meters(U, torch.zeros(2, 5, 3, 1), TAU)
    with pytest.raises(InputError, match="tau: time constants have shape and type of u"):
        selective(U, TAU)
    with pytest.raises(InputError, match="tau: time constants must not be negative"):
        selective(U, U - 1)
    with pytest.raises(InputError, match="order: a cascade has 1 to 16 cells, found 0"):
        selective(U, U + 1, order=0)


def test_shapes_that_are_shared():
    u, tau, kappa, _ = problem(3, channels=3)
    whole = cascade(u, tau[:1].expand(3, 3), kappa)
    assert distance(cascade(u, tau[0], kappa), whole) == 0
    assert cascade(u, tau[0]).shape == (2, 37, 3, 1)
    same = cascade(u, tau, kappa[:1].expand(3, 3))
    assert distance(cascade(u, tau, kappa[0]), same) == 0


@pytest.mark.parametrize("boundary", ["grounded", "replicate", "periodic"])
@pytest.mark.parametrize(("batch", "channels"), [(0, 3), (2, 0)])
def test_nothing_in_nothing_out(batch, channels, boundary):
    u = torch.zeros(batch, 5, channels, requires_grad=True)
    taps = cascade(u, torch.ones(2, channels), boundary=boundary)
    assert taps.shape == (batch, 5, channels, 2)
    taps.sum().backward()


def test_the_operators_keep_torchs_rules():
    u, tau, _, initial = problem(2, 2, 5, 3, dtype=torch.float32)
    table = op.unit_table(tau, 1.0, "foh").detach().requires_grad_()
    check = torch.library.opcheck
    check(torch.ops.kirchhoff.transition.default, (tau, 1.0, "exact", True))
    check(torch.ops.kirchhoff.cascade.default, (u, table, initial))
    x = torch.rand(2, 5, 3).requires_grad_()
    check(torch.ops.kirchhoff.warp.default, (u, x, initial))


def test_a_traced_cascade_is_the_cascade():
    u, tau, kappa, initial = problem(3, 2, 9, 5)

    def both(run):
        taps = run(u, tau, kappa, rule="foh", initial=initial)
        return [taps, *torch.autograd.grad(taps.square().sum(), (u, tau, kappa, initial))]

    traced = torch.compile(cascade, backend="aot_eager", fullgraph=True)
    for one, other in zip(both(traced), both(cascade), strict=True):
        assert distance(one, other) <= 1e-15


def test_values_changed_in_place_are_refused():
    u, tau, kappa, _ = problem(2)
    taps = cascade(u, tau, kappa)
    with torch.no_grad():
        taps.add_(1.0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        taps.sum().backward()


def test_threads_do_not_change_a_bit():
    u, tau, kappa, initial = problem(3, batch=21, channels=300, steps=20, dtype=torch.float32)
    before, answers = torch.get_num_threads(), []
    try:
        for threads in (1, 3):
            torch.set_num_threads(threads)
            taps = cascade(u, tau, kappa, initial=initial)
            answers.append([taps, *torch.autograd.grad(taps.sum(), (u, tau, kappa, initial))])
    finally:
        torch.set_num_threads(before)
    assert all(torch.equal(a, b) for a, b in zip(*answers, strict=True))
