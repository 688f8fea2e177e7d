"""Panel generate."""

from .. import ids


def layout(service) -> dict[str, list]:
    """Children by component id."""
    parts = {ids.PANEL_GENERATE: []}
    if "generate" == "train":
        parts[ids.DOCK_TRAIN] = []
    if "generate" == "export":
        parts[ids.DOCK_EXPORT] = []
    return parts


def register(app, service) -> None:
    """Callbacks."""
