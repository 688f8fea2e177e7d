"""What the server is started with."""

from dataclasses import dataclass, field
from pathlib import Path

from .paths import home_dir


@dataclass(frozen=True)
class Config:
    """Settings of one server.

    Args:
        home: folder of circuits, runs and cache.
        data_dir: folder of data sets, ``None`` for the place under `home`.
        host: address the server listens on.
        port: port the server listens on.
        token: secret that every request must carry, empty on loopback.
        allowed_hosts: further names under which the server may be reached.
        lessons_dir: folder of a teacher's lessons, beside ``lessons`` under `home`.
    """

    home: Path = field(default_factory=home_dir)
    data_dir: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8050
    token: str = ""
    allowed_hosts: tuple[str, ...] = ()
    lessons_dir: Path | None = None
