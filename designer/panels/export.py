"""Panel export."""

from .. import ids


def layout(service) -> dict[str, list]:
    """Children by component id."""
    parts = {ids.PANEL_EXPORT: []}
    if "export" == "train":
        parts[ids.DOCK_TRAIN] = []
    if "export" == "export":
        parts[ids.DOCK_EXPORT] = []
    return parts


def register(app, service) -> None:
    """Callbacks."""
