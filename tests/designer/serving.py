"""Real servers for tests: processes of their own on free ports."""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def server(home, *options: str) -> Iterator[str]:
    """The address of a server on `home`, without a slash at its end."""
    command = [sys.executable, "-m", "designer", "--port", "0", "--home", str(home), *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            yield re.search(r"http://[^/]+", process.stdout.readline())[0]
        finally:
            process.kill()


def ask(address: str, path: str, body: Any = None, method: str | None = None, **headers: str):
    """Status and JSON of an answer."""
    data = None if body is None else json.dumps(body).encode()
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(
        address + path, data, {"Content-Type": "application/json", **more}, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")
