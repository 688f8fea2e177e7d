"""What one update of KINN costs, as a multiple of FNO's: forward, backward, clip and AdamW.

Run from the project's folder; writes ``benchmarks/results/kinn_update.json``:

    OMP_NUM_THREADS=1 python -m benchmarks.kinn_update [--laps 30] [--label NAME]

A batch of 16 random fields on 128 points (lines) or 43 x 43 (squares), one thread. Times are the
least processor times of interleaved laps.
"""

import argparse
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from backend.models.baselines.fno import FourierNetwork
from backend.models.kinn.block import GatedBlock
from backend.models.kinn.cascade import CascadeRing
from backend.models.kinn.cells import Cells
from backend.models.kinn.network import FieldNetwork
from backend.models.kinn.ring import RingCells
from backend.models.kinn.sheet import SheetCells
from backend.training.tasks.operator import relative_l2

RESULTS = Path(__file__).parent / "results" / "kinn_update.json"
BATCH = 16
WARM = 3


def gated(channels: int, cells: type[Cells], *options: int, axes: int = 0) -> FieldNetwork:
    """Four blocks of cells."""
    blocks = [GatedBlock(channels, cells(*options)) for _ in range(4)]
    return FieldNetwork(1, 1, channels, blocks, axes=axes)


def lines() -> dict[str, nn.Module]:
    """Networks for periodic lines; the first is the measure of all."""
    rings = {
        f"rings {lanes} lanes {modes or 'all'} waves": gated(channels, RingCells, lanes, 1, modes)
        for channels, lanes in ((32, 64), (48, 96), (48, 112))
        for modes in (16, 32, 0)
    }
    return {
        "fno": FourierNetwork(1, 1, 1, width=32, modes=16),
        "fno 6 layers": FourierNetwork(1, 1, 1, width=32, modes=16, layers=6),
        **rings,
        "cascades 64 lanes 32 waves": gated(32, CascadeRing, 64, 1, 2, 32),
    }


def squares() -> dict[str, nn.Module]:
    """Networks for squares with ends."""
    return {
        "fno": FourierNetwork(1, 1, 2, width=32, modes=12, periodic=False),
        "fno small": FourierNetwork(1, 1, 2, width=16, modes=8, periodic=False),
        "sheets 32 lanes": gated(32, SheetCells, 32, 2, axes=2),
    }


class Lap:
    """Updates of a network on the same batch.

    Args:
        network: from fields to fields.
        x: the fields; they are the targets too.
    """

    def __init__(self, network: nn.Module, x: Tensor) -> None:
        self.network, self.x = network, x
        self.optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3, fused=True)

    def __call__(self) -> float:
        """The processor time of an update [s]."""
        began = time.process_time()
        self.optimiser.zero_grad(set_to_none=True)
        relative_l2(self.network(self.x), self.x).mean().backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimiser.step()
        return time.process_time() - began


def measured(networks: Mapping[str, nn.Module], x: Tensor, laps: int) -> list[dict[str, object]]:
    """Parameters, milliseconds and ratio to the first network of all."""
    candidates = {name: Lap(network, x) for name, network in networks.items()}
    for lap in candidates.values():
        for _ in range(WARM):
            lap()
    rounds = [{name: lap() for name, lap in candidates.items()} for _ in range(laps)]
    best = {name: min(times[name] for times in rounds) for name in candidates}
    first = next(iter(best.values()))
    return [
        {
            "network": name,
            "parameters": sum(p.numel() for p in networks[name].parameters()),
            "milliseconds": round(1e3 * seconds, 2),
            "ratio": round(seconds / first, 2),
        }
        for name, seconds in best.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--laps", type=int, default=30)
    parser.add_argument("--label", default="now", help="what these figures are called in the file")
    parser.add_argument("--json", type=Path, default=RESULTS)
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    found = {
        "lines": measured(lines(), torch.randn(BATCH, 1, 128), given.laps),
        "squares": measured(squares(), torch.randn(BATCH, 1, 43, 43), max(2, given.laps // 5)),
    }
    known = json.loads(given.json.read_text()) if given.json.is_file() else {}
    known |= {"command": "OMP_NUM_THREADS=1 python -m benchmarks.kinn_update"}
    known[given.label] = {"load": round(os.getloadavg()[0], 1), **found}
    given.json.write_text(json.dumps(known, indent=1) + "\n")
    for table, rows in found.items():
        for row in rows:
            print(f"{table:8} {row['network']!s:28} {row['parameters']:>9} "
                  f"{row['milliseconds']:>8} ms {row['ratio']:>6}")  # fmt: skip


if __name__ == "__main__":
    main()
