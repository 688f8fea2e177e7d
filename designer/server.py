"""Start and stop the web server."""

import contextlib
import errno
import logging
import signal
import socket
import threading
import webbrowser
from pathlib import Path

from .config import Config
from .paths import home_dir
from .security import BODY_LIMIT, is_loopback, new_token

# Bodies above security.BODY_LIMIT are refused in words; above this one they are cut off unread.
BODY_MAXIMUM = 4 * BODY_LIMIT

log = logging.getLogger("kirchhoff")


class PortTakenError(Exception):
    """The port cannot be listened on; one plain sentence."""


def serve(
    host: str = "127.0.0.1",
    port: int = 8050,
    home: Path | None = None,
    data_dir: Path | None = None,
    open_browser: bool = False,
) -> None:
    """Serve the studio until interrupted.

    Args:
        host: address to listen on; any other than loopback asks visitors for a token.
        port: port to listen on, 0 for any free one.
        home: folder of circuits, runs and cache.
        data_dir: folder of data sets.
        open_browser: open the page once the server listens.

    Raises:
        PortTakenError: the address cannot be used.
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    listener = _listen(host, port)
    port = listener.getsockname()[1]
    token = "" if is_loopback(host) else new_token()
    config = Config(home_dir(home), data_dir, host, port, token, _names(host))
    from waitress.server import create_server

    from .app import create_app
    from .service import Service

    service = Service(config)
    app = create_app(config, service)
    server = create_server(
        app.server,
        sockets=[listener],
        threads=8,
        max_request_body_size=BODY_MAXIMUM,
        ident="Kirchhoff",
    )
    address = f"http://{'127.0.0.1' if host in {'0.0.0.0', '::'} else host}:{port}/"
    address += f"?token={token}" if token else ""
    print(f"Kirchhoff Studio runs at {address}  (stop with Ctrl+C)", flush=True)
    threading.Thread(target=_warm_up, args=(service,), daemon=True).start()
    if open_browser:
        webbrowser.open(address)
    # A shell that starts it in the background leaves SIGINT ignored: it must end all the same.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    try:
        server.run()
    except (KeyboardInterrupt, SystemExit):
        pass
    finally:
        server.close()
        print("Stopped. Runs in progress go on; find them again in the studio.", flush=True)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTakenError(
                f"Port {port} on {host} is in use; stop the other server or choose --port "
                f"{port + 1}."
            ) from None
        raise PortTakenError(f"Cannot listen on {host}:{port} ({error.strerror}).") from None
    return listener


def _names(host: str) -> tuple[str, ...]:
    """Names of this machine, for a server that listens on all its addresses."""
    if is_loopback(host):
        return ()
    name = socket.gethostname().lower()
    names = {name, f"{name}.local"}
    with contextlib.suppress(OSError):  # a machine whose own name does not resolve
        names |= {str(entry[4][0]) for entry in socket.getaddrinfo(name, None)}
    return tuple(sorted(names))


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _warm_up(service) -> None:
    try:
        service.warm_up()
    except Exception:  # the page works without; its own request reports what is wrong
        log.exception("warm-up")
