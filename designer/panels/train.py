"""Panel train."""

from .. import ids


def layout(service) -> dict[str, list]:
    """Children by component id."""
    parts = {ids.PANEL_TRAIN: []}
    if "train" == "train":
        parts[ids.DOCK_TRAIN] = []
    if "train" == "export":
        parts[ids.DOCK_EXPORT] = []
    return parts


def register(app, service) -> None:
    """Callbacks."""
