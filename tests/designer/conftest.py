import copy
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from designer.app import create_app
from designer.config import Config
from designer.service import Service, apart
from tests.designer.forked import Forked

RC = {
    "format": "kirchhoff-circuit/1",
    "name": "RC pair",
    "nodes": [
        {"id": "n1", "voltage": 1.0, "role": "input"},
        {"id": "n2", "voltage": 0.0, "role": "output", "x": 120},
    ],
    "slices": [
        {
            "duration": 1.0,
            "devices": [
                {
                    "id": "d1",
                    "kind": "resistor",
                    "source": "n1",
                    "target": "n2",
                    "params": {"conductance": 1.0},
                }
            ],
        }
    ],
}


class WholeAnswers(FlaskClient):
    """Reads every answer to its end and closes it, as a browser does."""

    def open(self, *args, buffered: bool = True, **kwargs):
        return super().open(*args, buffered=buffered, **kwargs)


@pytest.fixture
def rc():
    """Two nodes of 1 F, one resistor of 1 S: v1 = (1 + exp(-2 t)) / 2."""
    return copy.deepcopy(RC)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(home=tmp_path / "home")


@pytest.fixture(autouse=True)
def forked_file_processes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """They start at once here; ``test_apart`` and the tests in a browser start real ones."""
    if request.path.name != "test_apart.py":
        monkeypatch.setattr(apart, "launch", Forked)


@pytest.fixture
def service(config: Config) -> Iterator[Service]:
    found = Service(config)
    yield found
    found.apart.close()


@pytest.fixture
def app(config: Config, service: Service):
    return create_app(config, service)


def asking(app) -> FlaskClient:
    """Requests as the browser sends them: to 127.0.0.1 and from no other site."""
    app.server.test_client_class = WholeAnswers
    client = app.server.test_client()
    client.environ_base["HTTP_HOST"] = "127.0.0.1:8050"
    return client


@pytest.fixture
def client(app):
    """See ``asking``."""
    return asking(app)
