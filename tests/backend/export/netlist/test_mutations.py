"""Whatever is done to a netlist, the reader gives a circuit or one sentence, and soon."""

import time
from random import Random

import pytest

from backend.circuit import Circuit
from backend.errors import CircuitError
from backend.export.netlist.text import decoded
from backend.export.netlist_import import parse_netlist
from tests.netlist_corpus import FILES

TEXTS = [(path, decoded(path.read_bytes())) for path in FILES]
WORDS = [word for _, text in TEXTS for word in text.split()]
SIGNS = "(){}'\"=,;*+-/$.\\ \n\t09eEkmuRCLVIDBXGµΩ\u2028\x00?:<>|&^%#@!~`[]"


def mutated(text: str, rng: Random) -> str:
    for _ in range(rng.choice([1, 1, 2, 4])):
        i = rng.randrange(len(text) + 1)
        j = min(len(text), i + rng.randrange(12))
        lines = text.split("\n")
        match rng.randrange(6):
            case 0:
                text = text[:i] + text[j:]
            case 1:
                text = text[:i] + rng.choice(SIGNS) + text[i:]
            case 2:
                text = f"{text[:i]}{rng.choice(WORDS)} {text[j:]}"
            case 3:
                rng.shuffle(lines)
                text = "\n".join(lines)
            case 4:
                lines.insert(rng.randrange(len(lines)), rng.choice(TEXTS)[1].split("\n")[-3])
                text = "\n".join(lines)
            case _:
                text = text[:i] + text[i:j] * rng.randrange(4) + text[j:]
    return text


@pytest.mark.parametrize("seed", range(8))
def test_a_circuit_or_one_sentence(seed: int) -> None:
    rng = Random(seed)
    for _ in range(40):
        path, text = rng.choice(TEXTS)
        found = mutated(text, rng)
        begun, said = time.process_time(), ""
        try:
            assert isinstance(parse_netlist(found, path.parent), Circuit)
        except CircuitError as error:
            said = str(error)
        assert len(said) < 600
        assert "\n" not in said
        assert time.process_time() - begun < 20
