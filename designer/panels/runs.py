"""Panel runs."""

from .. import ids


def layout(service) -> dict[str, list]:
    """Children by component id."""
    parts = {ids.PANEL_RUNS: []}
    if "runs" == "train":
        parts[ids.DOCK_TRAIN] = []
    if "runs" == "export":
        parts[ids.DOCK_EXPORT] = []
    return parts


def register(app, service) -> None:
    """Callbacks."""
