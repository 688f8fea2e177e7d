"""Help: every link of the browser leads to a term, every term is one plain sentence."""

import re
from pathlib import Path

from designer.help import explained
from designer.layout import MODES

MODULES = Path(__file__).parents[2] / "assets" / "modules"


def test_every_link_leads_to_a_term() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in MODULES.rglob("*.mjs"))
    linked = set(re.findall(r'\bterm: "([a-z-]+)"', text))
    linked |= set(re.findall(r'termLink\("[^"]+", "([a-z-]+)"\)', text))
    terms = {term["id"]: term for term in explained()["terms"]}
    assert len(linked) > 15
    assert linked <= terms.keys()
    without = {"rejected", "evaluations", "seconds"}  # counts, which no formula makes clearer
    for name in linked - without:
        assert terms[name]["formula"], name


def test_every_term_is_a_sentence_and_stands_once() -> None:
    terms = explained()["terms"]
    assert (
        len({term["id"] for term in terms}) == len({term["term"] for term in terms}) == len(terms)
    )
    for term in terms:
        assert re.fullmatch(r"[a-z-]+", term["id"])
        assert term["words"].endswith(".")
        assert len(term["words"]) < 180
        # A source is an author and a year, then the equation or the law.
        assert not term["source"] or re.search(r"(?:1[89]|20)\d\d", term["source"]), term


def test_every_mode_and_file_is_explained(client) -> None:
    answer = client.get("/api/help").json
    assert answer == explained()
    assert list(answer["modes"]) == [name for name, *_ in MODES]
    assert all(entry["words"].endswith(".") for entry in answer["files"])
