"""Who may ask: Host and Origin allow-list, token, body limit, headers, ids by pattern.

Dash answers any Host header, so a page on another site could reach a server on loopback by DNS
rebinding. Every request therefore passes `install`'s check before any route sees it.
"""

import hmac
import re
import secrets
from collections.abc import Iterable
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, redirect, request

from .addresses import ANY, LOOPBACK_NAMES, is_own
from .config import Config

BODY_LIMIT = 64 * 1024 * 1024
COOKIE = "kirchhoff-token"
OWN_SITES = frozenset({"", "same-origin", "none"})
"""What browsers say of a request that no other site caused."""

CLOSED = ("/_reload-hash", "/_dash-devtools", "/static/")
"""What Dash and Flask offer to developers, and nobody needs here."""

FOREIGN = "Requests from another site are refused."
SUITES = "/_dash-component-suites/"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_HASH = re.compile(r"[0-9a-f]{16,64}")


def new_token() -> str:
    """A secret for a server that others can reach."""
    return secrets.token_urlsafe(18)


def valid_id(text: str) -> bool:
    """Whether `text` may name a circuit or run: letters, digits, ``_ -``."""
    return bool(_ID.fullmatch(text))


def valid_hash(text: str) -> bool:
    """Whether `text` may name a stored result."""
    return bool(_HASH.fullmatch(text))


def refusal(status: int, message: str, where: str = "") -> Response:
    """The JSON shape of every error."""
    response = jsonify({"error": {"message": message, "where": where}})
    response.status_code = status
    return response


def content_policy(script_hashes: Iterable[str]) -> str:
    """The Content-Security-Policy: everything from here, inline scripts only by hash.

    Mantine, ag-grid and plotly insert style elements at run time, so inline style is allowed.
    """
    scripts = " ".join(["'self'", *script_hashes])
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' blob: data:; "
        "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; "
        "frame-ancestors 'none'"
    )


def install(server: Flask, config: Config, policy: str) -> None:
    """Add the checks and headers to `server`, before any route of its own."""
    server.config["MAX_CONTENT_LENGTH"] = BODY_LIMIT
    server.config["MAX_FORM_MEMORY_SIZE"] = BODY_LIMIT
    allowed = allowed_names(config)
    anywhere = config.host in ANY
    cookie = f"{COOKIE}-{config.port}"  # cookies do not know ports, servers beside each other do

    @server.before_request
    def check():
        return (
            _check_host(allowed, anywhere)
            or _check_origin()
            or _check_site()
            or _check_path()
            or _check_size()
            or _check_token(config.token, cookie)
        )

    @server.after_request
    def headers(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Content-Security-Policy", policy)
        return response


def allowed_names(config: Config) -> frozenset[str]:
    """Host names a request may address, without port."""
    names = {*LOOPBACK_NAMES, *config.allowed_hosts}
    if config.host not in ANY:
        names.add(f"[{config.host}]" if ":" in config.host else config.host)
    return frozenset(name.lower() for name in names)


def _check_host(names: frozenset[str], anywhere: bool) -> Response | None:
    """The name in the Host header, and the one in the request line where that has one, too."""
    for host in (request.host, _target_host()):
        name = _host_name(host)
        if host is not None and name not in names and not (anywhere and is_own(name)):
            return refusal(
                403,
                f"This server does not answer to the name {name[:80]!r}; open the address that it "
                "printed at its start.",
            )
    return None


def _target_host() -> str | None:
    """Whom ``GET http://name/path`` addresses; ``None`` for the usual ``GET /path``."""
    target = str(request.environ.get("REQUEST_URI", "")).strip()
    if not _ABSOLUTE.match(target) and not target.startswith("//"):
        return None
    return _netloc(target).rpartition("@")[2]


def _check_site() -> Response | None:
    """What a page of another site caused, unless somebody followed a link to the page itself."""
    if request.headers.get("Sec-Fetch-Site", "").lower() in OWN_SITES:
        return None
    mode, aim = (request.headers.get(f"Sec-Fetch-{name}", "") for name in ("Mode", "Dest"))
    followed = request.method in {"GET", "HEAD"} and mode == "navigate" and aim == "document"
    if followed and not request.path.startswith(("/api/", "/_", "/assets/")):
        return None
    return refusal(403, FOREIGN)


def _check_path() -> Response | None:
    """Ways out of Dash's folder of components, and what only developers of Dash need."""
    path = request.path
    stray = path.startswith(SUITES) and (".." in path.split("/") or "\\" in path or "\0" in path)
    if stray or path.startswith(CLOSED):
        return refusal(404, f"There is nothing at {path[:80]}.")
    return None


def _check_origin() -> Response | None:
    """A page of another origin may not change or read anything here."""
    origin = request.headers.get("Origin") or ""
    if not origin and request.method not in {"GET", "HEAD", "OPTIONS"}:
        origin = request.headers.get("Referer") or ""
    if not origin or _netloc(origin) == request.host:
        return None
    return refusal(403, FOREIGN)


def _check_size() -> Response | None:
    length = request.content_length
    if length is None or length <= BODY_LIMIT:
        return None
    limit = BODY_LIMIT // 2**20
    return refusal(413, f"The file has {length / 2**20:.0f} MB; at most {limit} MB can be sent.")


def _check_token(token: str, cookie: str) -> Response | None:
    """Ask for the token once in the address, then by cookie.

    The cookie also comes with a link from elsewhere (``Lax``), or the address of a class would not
    open from its course page; what else other sites cause was refused before.
    """
    if not token:
        return None
    given = request.args.get("token", "")
    if given and hmac.compare_digest(given.encode(), token.encode()):
        response = redirect(request.path)
        response.set_cookie(cookie, token, httponly=True, samesite="Lax")
        return response  # type: ignore[return-value]
    known = request.cookies.get(cookie, "")
    if hmac.compare_digest(known.encode(), token.encode()):
        return None
    return refusal(401, "Open the address with its token, as printed when the server started.")


def _host_name(host: str | None) -> str:
    """The name in a Host header: ``localhost:8050`` gives ``localhost``."""
    host = host or ""
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    return host.partition(":")[0].lower()


def _netloc(address: str) -> str:
    """Name and port of an address; empty where it is none."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""
