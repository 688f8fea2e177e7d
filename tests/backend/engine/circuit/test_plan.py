"""The order of devices for kernels, and the way of parameters into it and back."""

from typing import NamedTuple

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from backend.engine.circuit.plan import (
    BOTH,
    CODES,
    DIFFERENCE,
    INTO_HOME,
    Part,
    Plan,
    is_difference,
    trains_gain,
)
from backend.engine.circuit.terms import pack, unpack
from tests.backend.engine.circuit.oracle import FUSED, law_of


class Case(NamedTuple):
    plan: Plan
    params: list[torch.Tensor]
    seed: int


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Any multigraph without self-loops, of any kinds in any order, kinds twice included."""
    nodes = draw(st.integers(1, 7))
    parts: list[Part] = []
    count = 0
    for kind in draw(st.lists(st.sampled_from(FUSED), max_size=5)):
        size = draw(st.integers(0, 12))
        parts.append(Part(law_of(kind), count, count + size))
        count += size
    seed = draw(st.integers(0, 2**31))
    rng = np.random.default_rng(seed)
    source = rng.integers(0, nodes + 1, count)
    target = (source + rng.integers(1, nodes + 1, count)) % (nodes + 1)
    plan = Plan(
        torch.from_numpy(source),
        torch.from_numpy(target),
        tuple(parts),
        nodes,
        torch.ones(nodes, dtype=torch.float64),
    )
    return Case(plan, random_params(plan, rng), seed)


def random_params(plan: Plan, rng: np.random.Generator) -> list[torch.Tensor]:
    return [
        torch.from_numpy(rng.normal(size=(part.stop - part.start, 1)).astype(np.float32))
        for part in plan.parts
        for _ in part.law.params
    ]


def ends(plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    """Home and other end of every place, read from the grouping."""
    packed = plan.packed
    pair = np.repeat(np.arange(len(packed.other)), np.diff(packed.pair_start))
    home = np.repeat(packed.homes, np.diff(packed.home_start))
    return home[pair], packed.other[pair]


@given(cases())
def test_every_device_has_one_place_between_its_ends(case: Case):
    plan, packed = case.plan, case.plan.packed
    assert sorted(packed.position.tolist()) == list(range(plan.device_count))
    home, other = (rows[packed.position] for rows in ends(plan))
    source, target = plan.source.numpy(), plan.target.numpy()
    np.testing.assert_array_equal(np.where(packed.turned, home, other), source)
    np.testing.assert_array_equal(np.where(packed.turned, other, home), target)


@given(cases())
def test_devices_between_two_nodes_stand_side_by_side(case: Case):
    """Within a block a pair occurs once, whichever way its devices point, and no pair is empty.

    One-sided devices have their target at home: there the two directions are two pairs.
    """
    packed = case.plan.packed
    assert (np.diff(packed.pair_start) > 0).all()
    assert (np.diff(packed.home_start) > 0).all()
    for _, shape, first, last, _ in packed.blocks.tolist():
        pairs = slice(packed.home_start[first], packed.home_start[last])
        homes = np.repeat(packed.homes[first:last], np.diff(packed.home_start[first : last + 1]))
        kept = tuple if shape == INTO_HOME else frozenset
        sets = [kept(pair) for pair in zip(homes.tolist(), packed.other[pairs], strict=True)]
        assert len(set(sets)) == len(sets)
        assert len(set(packed.homes[first:last])) == last - first


@given(cases())
def test_parallel_devices_keep_their_order(case: Case):
    """So sums keep their bits."""
    plan, packed = case.plan, case.plan.packed
    kind = np.concatenate(
        [np.zeros(0, int), *(np.full(p.stop - p.start, form(p)) for p in plan.parts)]
    )
    pair = torch.minimum(plan.source, plan.target) * 8 + torch.maximum(plan.source, plan.target)
    for device in range(plan.device_count):
        same = (kind == kind[device]) & (pair.numpy() == int(pair[device]))
        if kind[device] // 2 % 4 == INTO_HOME:  # of these, the two directions are two pairs
            same &= plan.source.numpy() == int(plan.source[device])
        assert (np.diff(packed.position[same]) == 1).all()


def form(part: Part) -> int:
    law = part.law
    shape = INTO_HOME if law.one_sided else DIFFERENCE if is_difference(law) else BOTH
    return CODES[law.activation.name] * 8 + shape * 2 + trains_gain(law)


@given(cases())
def test_blocks_hold_equal_activations(case: Case):
    plan, packed = case.plan, case.plan.packed
    for code, shape, first, last, gain in packed.blocks.tolist():
        start = packed.pair_start[packed.home_start[first]]
        stop = packed.pair_start[packed.home_start[last]]
        for part in plan.parts:
            places = packed.position[part.start : part.stop]
            inside = (places >= start) & (places < stop)
            assert inside.all() == inside.any() or not len(places)
            if len(places) and inside.any():
                assert form(part) == code * 8 + shape * 2 + gain


@given(cases())
def test_terms_give_the_laws_current(case: Case):
    """gain phi(a v_o + b v_h + c) flows into the home: the law's own current, turned or not."""
    plan = case.plan
    rng = np.random.default_rng(case.seed)
    v = torch.from_numpy(np.append(rng.normal(size=plan.node_count), 0.0))
    home, other = ends(plan)
    terms, values = pack(plan, case.params).astype(float), iter(case.params)
    for part in plan.parts:
        places = plan.packed.position[part.start : part.stop]
        gain, a, b, c = terms[places].T
        u = torch.from_numpy(a * v.numpy()[other[places]] + b * v.numpy()[home[places]] + c)
        found = torch.from_numpy(gain) * part.law.activation.value(u)
        chosen = slice(part.start, part.stop)
        named = {param.name: next(values)[:, 0].double() for param in part.law.params}
        wanted = part.law.current(v[plan.source[chosen]], v[plan.target[chosen]], named)
        sign = torch.from_numpy(np.where(plan.packed.turned[chosen], -1.0, 1.0))
        torch.testing.assert_close(found * sign, wanted.expand_as(found), rtol=1e-5, atol=1e-5)


@given(cases())
def test_unpack_is_the_transpose_of_pack(case: Case):
    """<pack(p) - pack(0), g> = <p, unpack(g)>, with g the sum of three groups of tiles.

    b = -a has one gradient, which the kernels leave in the place of a.
    """
    plan = case.plan
    gradient = np.random.default_rng(case.seed).normal(size=(3, plan.device_count, 4))
    gradient = gradient.astype(np.float32)
    for part in plan.parts:
        if part.difference:
            gradient[:, plan.packed.position[part.start : part.stop], 2] = 0
    zero = [torch.zeros_like(value) for value in case.params]
    linear = pack(plan, case.params).astype(float) - pack(plan, zero)
    left = (linear * gradient).sum()
    pulled = unpack(plan, gradient)
    right = sum(
        float((value.numpy().astype(float) * own).sum())
        for value, own in zip(case.params, pulled, strict=True)
    )
    scale = 1 + np.abs(linear * gradient).sum()
    assert abs(left - right) < 1e-5 * scale
    assert [own.shape for own in pulled] == [tuple(value.shape) for value in case.params]


def test_two_million_devices():
    """As many as a layer of the published CIFAR-10 network has."""
    count, nodes = 2_000_000, 3122
    g = torch.Generator().manual_seed(0)
    source = torch.randint(0, nodes + 1, (count,), generator=g)
    target = (source + torch.randint(1, nodes + 1, (count,), generator=g)) % (nodes + 1)
    parts = (Part(law_of("relu"), 0, count),)
    plan = Plan(source, target, parts, nodes, torch.ones(nodes, dtype=torch.float64))
    packed = plan.packed
    assert (np.bincount(packed.position, minlength=count) == 1).all()
    pairs = torch.unique(
        torch.minimum(source, target) * (nodes + 1) + torch.maximum(source, target)
    )
    assert len(packed.other) == len(pairs)
    assert packed.pair_start[-1] == count
    assert packed.home_start[-1] == len(packed.other)
    home, other = (rows[packed.position] for rows in ends(plan))
    assert (np.where(packed.turned, home, other) == source.numpy()).all()
    assert (np.where(packed.turned, other, home) == target.numpy()).all()
