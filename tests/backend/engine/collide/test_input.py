"""Bad input is refused in one sentence that names the argument."""

import numpy as np
import pytest
import torch

from backend.engine.collide import collide, published
from backend.errors import InputError, StudioError

X = torch.zeros(2, 4, 3)
R = torch.zeros(2, 4, 3)
BAD = {
    "x: a tensor is needed, found": ([[1.0]], X, {}),
    "v: a tensor is needed, found null": (X, None, {}),
    "x: positions are \\(groups, particles, coordinates\\), found shape \\(4, 3\\)": (X[0], X, {}),
    "v: velocities are": (X, X[None], {}),
    "v: has shape \\(2, 4, 2\\), but x has \\(2, 4, 3\\)": (X, X[..., :2], {}),
    "x: numbers must be real and of floating point, found int64": (X.long(), X, {}),
    "v: numbers must be .* found complex64": (X, X.cfloat(), {}),
    "v: numbers must be .* found bool": (X, X.bool(), {}),
    "v: lies on meta, but x on cpu": (X, X.to("meta"), {}),
    "mode: no such way to collide 'match'; did you mean 'matched'": (X, X, {"mode": "match"}),
    "mode: no such way to collide null": (X, X, {"mode": None}),
    "coll: a finite number of at least 0 is needed, found -1": (X, X, {"coll": -1}),
    "coll: a finite number of at least 0 is needed, found NaN": (X, X, {"coll": float("nan")}),
    "coll: .* found true": (X, X, {"coll": True}),
    "rounds: a whole number of at least 1 is needed, found 0": (X, X, {"rounds": 0}),
    "rounds: .* found 1.5": (X, X, {"rounds": 1.5}),
    "length: a positive number, 'rms' or 'unit' is needed, found 0": (X, X, {"length": 0}),
    "length: .* found 'far'": (X, X, {"length": "far"}),
    "length: .* found NaN": (X, X, {"length": float("nan")}),
    "length: .* found .a Tensor": (X, X, {"length": torch.ones(2)}),
    "length: .* found .a ndarray": (X, X, {"length": np.ones(2)}),
    "generator: a torch.Generator or None is needed, found 3": (X, X, {"generator": 3}),
}


@pytest.mark.parametrize("message", BAD)
def test_one_sentence_for_bad_input(message):
    x, v, options = BAD[message]
    with pytest.raises(InputError, match=message) as caught:
        collide(x, v, **options)
    assert isinstance(caught.value, StudioError)
    assert "\n" not in str(caught.value)


PUBLISHED = {
    "x: positions are \\(batch, coordinates, particles\\)": (X[0], X, R, 0.5, {}),
    "directions: there is one direction for every pair, \\(2, 4, 3\\), found": (
        X, X, R[..., :2], 0.5, {},
    ),
    "directions: a tensor is needed": (X, X, 3, 0.5, {}),
    "directions: lies on meta, but x on cpu": (X, X, R.to("meta"), 0.5, {}),
    "coll: a finite number from 0 to 1 is needed, found 1.5": (X, X, R, 1.5, {}),
    "dt: a finite number is needed, found Infinity": (X, X, R, 0.5, {"dt": float("inf")}),
}  # fmt: skip


@pytest.mark.parametrize("message", PUBLISHED)
def test_the_published_rule_refuses_as_well(message):
    x, v, directions, coll, options = PUBLISHED[message]
    with pytest.raises(InputError, match=message):
        published(x, v, directions, coll, **options)
