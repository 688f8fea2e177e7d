"""Addresses and names under which this machine can be reached."""

import contextlib
import fcntl
import ipaddress
import socket
import struct
from pathlib import Path

ANY = frozenset({"", "0.0.0.0", "::"})
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})
_ADDRESS_OF_INTERFACE = 0x8915  # SIOCGIFADDR
_SOMEWHERE = (("192.0.2.1", socket.AF_INET), ("2001:db8::1", socket.AF_INET6))
"""Documentation addresses: a route towards them is looked up, nothing is sent."""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    if host in LOOPBACK_NAMES:
        return True
    address = _parsed(host)
    return address is not None and address.is_loopback


def names(host: str) -> tuple[str, ...]:
    """Names of this machine, for a server that listens on `host`."""
    if is_loopback(host):
        return ()
    name = socket.gethostname().lower().removesuffix(".local")
    return tuple(sorted({name, f"{name}.local", socket.getfqdn().lower()} - {""}))


def reachable() -> list[str]:
    """Addresses of this machine that others may reach, IPv4 first; without link-local ones."""
    found = [*_interfaces(), *_routed(), *_named()]
    parsed = {address for text in found if (address := _parsed(text)) is not None}
    fit = [a for a in parsed if not (a.is_loopback or a.is_link_local or a.is_unspecified)]
    return [str(address) for address in sorted(fit, key=lambda a: (a.version, int(a)))]


def is_own(host: str) -> bool:
    """Whether `host` is an address of this machine: one that a socket can be bound to.

    Asked anew for every address, because a machine may change its network while it serves.
    """
    address = _parsed(host)
    if address is None or address.is_unspecified or address.is_multicast:
        return False
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True


def url(host: str, port: int, token: str = "") -> str:
    """Where the page is."""
    shown = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return f"http://{shown}:{port}/" + (f"?token={token}" if token else "")


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None


def _interfaces() -> list[str]:
    """As the kernel lists them; nothing on systems that are asked in another way."""
    found: list[str] = []
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        for _, name in socket.if_nameindex():
            with contextlib.suppress(OSError):  # an interface without an address
                request = struct.pack("256s", name.encode()[:15])
                answer = fcntl.ioctl(asked.fileno(), _ADDRESS_OF_INTERFACE, request)
                found.append(socket.inet_ntoa(answer[20:24]))
    with contextlib.suppress(OSError):
        lines = Path("/proc/net/if_inet6").read_text(encoding="ascii").splitlines()
        found += [str(ipaddress.ip_address(bytes.fromhex(line[:32]))) for line in lines]
    return found


def _routed() -> list[str]:
    """The address from which this machine would speak to the outside."""
    found: list[str] = []
    for target, family in _SOMEWHERE:
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as asked:
            asked.connect((target, 9))
            found.append(asked.getsockname()[0])
    return found


def _named() -> list[str]:
    with contextlib.suppress(OSError):  # a machine whose own name does not resolve
        return [str(entry[4][0]) for entry in socket.getaddrinfo(socket.gethostname(), None)]
    return []
