"""Tables of the user, written and read."""

import pytest

from backend.datasets import DATASETS


@pytest.fixture
def table(tmp_path):
    """Writes a table and reads it with options."""

    def read(text: str | bytes, **options):
        path = tmp_path / "table.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return DATASETS["csv"](path=str(path), **options)

    return read
