"""The Triton kernels against float64 torch: interpreted everywhere, compiled where a GPU is."""

import importlib.util
import json
import os
import subprocess
import sys

import pytest
import torch

from tests.backend.engine.circuit.cuda.triton_cases import (
    CASES,
    NAN_CASES,
    Case,
    run,
    spread_of_nan,
)

needs_triton = pytest.mark.skipif(
    importlib.util.find_spec("triton") is None, reason="triton is not installed"
)
needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")


def script(name: str, **environment: str) -> str:
    """What a script beside this file prints: Triton reads its settings once, at import."""
    found = subprocess.run(
        [sys.executable, "-m", f"tests.backend.engine.circuit.cuda.{name}"],
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
        timeout=1100,
    )
    assert found.returncode == 0, found.stderr
    return found.stdout


@pytest.fixture(scope="module")
def interpreted() -> dict[str, dict[str, float]]:
    return json.loads(script("triton_cases", TRITON_INTERPRET="1"))


def check(case: Case, errors: dict[str, float]) -> None:
    assert errors["values"] < 1e-5
    assert errors["start"] < case.tolerance
    assert errors["parameters"] < case.tolerance
    assert errors["other bits"] == 0


@needs_triton
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_interpreted(case, interpreted):
    check(case, interpreted[case.name])


@needs_triton
@pytest.mark.parametrize("case", NAN_CASES, ids=lambda case: case.name)
def test_nan_stays_in_its_sample(case, interpreted):
    assert interpreted[case.name] == {"shows": True, "stays": True}


@needs_triton
def test_every_kernel_compiles_without_a_gpu(tmp_path):
    built = script("triton_compiled", TRITON_CACHE_DIR=str(tmp_path), TRITON_INTERPRET="0")
    assert set(built.split()) == {
        "stage_rows", "stage_hubs", "adjoint_rows", "adjoint_hubs", "edge_gradients",
        "dense_stages", "dense_adjoint",
    }  # fmt: skip


def test_importing_the_backend_leaves_triton_alone():
    code = "import sys, backend.engine.circuit.cuda.passes as t; t.available(); print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "triton" not in found.stdout.split()


@pytest.mark.gpu
@needs_triton
@needs_cuda
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_on_a_gpu(case):
    check(case, run(case, "cuda"))


@pytest.mark.gpu
@needs_triton
@needs_cuda
@pytest.mark.parametrize("case", NAN_CASES, ids=lambda case: case.name)
def test_nan_on_a_gpu(case):
    assert spread_of_nan(case, "cuda") == {"shows": True, "stays": True}
