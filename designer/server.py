"""Start and stop the web server."""

import errno
import logging
import resource
import signal
import socket
import threading
import webbrowser
from pathlib import Path
from typing import Any

from . import addresses
from .config import Config
from .paths import home_dir
from .process_memory import collect_seldom, give_memory_back
from .security import BODY_LIMIT, new_token

# Bodies above security.BODY_LIMIT are refused in words; above this one they are cut off unread.
BODY_MAXIMUM = 4 * BODY_LIMIT

# Requests wait for their turn in a thread of their own; light ones must find one all the same.
THREADS = 320
FILES = 4096
"""Open files that are asked of the system, for connections and what they read."""

log = logging.getLogger("kirchhoff")


class PortTakenError(Exception):
    """The port cannot be listened on; one plain sentence."""


def serve(
    host: str = "127.0.0.1",
    port: int = 8050,
    home: Path | None = None,
    data_dir: Path | None = None,
    open_browser: bool = False,
    lessons_dir: Path | None = None,
) -> None:
    """Serve the studio until interrupted.

    Args:
        host: address to listen on; any other than loopback asks visitors for a token.
        port: port to listen on, 0 for any free one.
        home: folder of circuits, runs and cache.
        data_dir: folder of data sets.
        open_browser: open the page once the server listens.
        lessons_dir: folder of a teacher's lessons.

    Raises:
        PortTakenError: the address cannot be used.
    """
    give_memory_back()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    listener = _listen(host, port)
    port = listener.getsockname()[1]
    token = "" if addresses.is_loopback(host) else new_token()
    names = addresses.names(host)
    config = Config(home_dir(home), data_dir, host, port, token, names, lessons_dir)
    from .app import create_app
    from .service import Service

    service = Service(config)
    app = create_app(config, service)
    server = _server(app.server, listener)
    print(_greeting(host, port, token), flush=True)
    threading.Thread(target=_warm_up, args=(service,), daemon=True).start()
    if open_browser:
        here = "127.0.0.1" if host in addresses.ANY else host
        webbrowser.open(addresses.url(here, port, token))
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


def _server(application: Any, listener: socket.socket) -> Any:
    from waitress.server import create_server

    return create_server(
        application,
        sockets=[listener],
        threads=THREADS,
        connection_limit=_connections(),
        asyncore_use_poll=True,  # select() knows no more than 1,024 files
        channel_request_lookahead=1,  # to hear of a client that goes away while it waits
        inbuf_overflow=64 * 1024,  # larger bodies wait on the disk,
        outbuf_overflow=128 * 1024,  # and so do answers to slow readers
        max_request_body_size=BODY_MAXIMUM,
        ident="Kirchhoff",
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        if host == "::":  # all addresses, whatever the system's default
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind((host.strip("[]"), port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTakenError(
                f"Port {port} on {host} is in use; stop the other server or choose --port "
                f"{port + 1}."
            ) from None
        raise PortTakenError(f"Cannot listen on {host}:{port} ({error.strerror}).") from None
    return listener


def _connections() -> int:
    """How many connections may be open at once: as the system allows files, less what we need."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    most = FILES if soft == resource.RLIM_INFINITY else min(FILES, soft)
    return max(50, most // 2 - 50)


def _greeting(host: str, port: int, token: str) -> str:
    """Where the page is: for others first, where they can reach it."""
    if host not in addresses.ANY:
        return f"Kirchhoff Studio runs at {addresses.url(host, port, token)}  (stop with Ctrl+C)"
    found = [a for a in addresses.reachable() if host == "::" or ":" not in a]
    first, *others = [*found, "127.0.0.1"]
    lines = [f"Kirchhoff Studio runs at {addresses.url(first, port, token)}  (stop with Ctrl+C)"]
    lines += [f"                      or {addresses.url(other, port, token)}" for other in others]
    if not found:
        lines.append("This machine has no address that others can reach.")
    return "\n".join(lines)


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _warm_up(service) -> None:
    try:
        service.tidy()
        service.warm_up()
        collect_seldom()
    except Exception:  # the page works without; its own request reports what is wrong
        log.exception("warm-up")
