"""Options that make data sets small where examples take long to compute."""

from backend.datasets import DATASETS


def few(name: str) -> dict[str, int]:
    """As few fields as there can be, on the usual grid; nothing for data that are at hand."""
    kind = DATASETS[name]
    if kind.task != "operator":
        return {}
    counts = {param.name: param for param in kind.params if param.name in FEWEST}
    return {key: FEWEST[key] for key in counts}


FEWEST = {"n": 4, "validation": 2, "test": 3}
