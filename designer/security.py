"""Who may ask: Host and Origin allow-list, token, body limit, headers, ids by pattern.

Dash answers any Host header, so a page on another site could reach a server on loopback by DNS
rebinding. Every request therefore passes `install`'s check before any route sees it.
"""

import hmac
import re
import secrets
from collections.abc import Iterable
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, redirect, request

from .config import Config

BODY_LIMIT = 64 * 1024 * 1024
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})
COOKIE = "kirchhoff-token"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")
_HASH = re.compile(r"[0-9a-f]{16,64}")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    return host in LOOPBACK


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
    names = allowed_names(config)

    @server.before_request
    def check():
        return _check_host(names) or _check_origin() or _check_size() or _check_token(config.token)

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
    names = {*LOOPBACK, *config.allowed_hosts}
    if config.host not in {"0.0.0.0", "::", ""}:
        names.add(config.host)
    return frozenset(names)


def _check_host(names: frozenset[str]) -> Response | None:
    if _host_name(request.host) in names:
        return None
    return refusal(
        403, f"This server does not answer to the name {_host_name(request.host)[:80]!r}."
    )


def _check_origin() -> Response | None:
    """A page of another origin may not change or read anything here."""
    origin = request.headers.get("Origin") or ""
    if not origin and request.method not in {"GET", "HEAD", "OPTIONS"}:
        origin = request.headers.get("Referer") or ""
    if not origin or urlsplit(origin).netloc == request.host:
        return None
    return refusal(403, "Requests from another site are refused.")


def _check_size() -> Response | None:
    length = request.content_length
    if length is None or length <= BODY_LIMIT:
        return None
    limit = BODY_LIMIT // 2**20
    return refusal(413, f"The file has {length / 2**20:.0f} MB; at most {limit} MB can be sent.")


def _check_token(token: str) -> Response | None:
    """Ask for the token once in the address, then by cookie."""
    if not token:
        return None
    given = request.args.get("token", "")
    if given and hmac.compare_digest(given.encode(), token.encode()):
        response = redirect(request.path)
        response.set_cookie(COOKIE, token, httponly=True, samesite="Strict")
        return response  # type: ignore[return-value]
    cookie = SimpleCookie(request.headers.get("Cookie", "")).get(COOKIE)
    if cookie and hmac.compare_digest(cookie.value.encode(), token.encode()):
        return None
    return refusal(401, "Open the address with its token, as printed when the server started.")


def _host_name(host: str) -> str:
    """The name in a Host header: ``localhost:8050`` gives ``localhost``."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()
