"""Whether anybody answers at an address."""

import re
import socket

from ...errors import RunError, quoted

ADDRESS = re.compile(r"(?P<host>[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:]{2,45}\]):(?P<port>[0-9]{1,5})")
ANSWER_SECONDS = 4.0


def check_answers(address: str) -> None:
    """Whether a connection to an address can be made; whether it is Ray shows later.

    Raises:
        RunError: it is no address, or nobody answers.
    """
    if not address:
        raise RunError(
            "launcher ray needs the address of the cluster's head: give --address HOST:PORT, as "
            "'ray start --head' printed it"
        )
    found = ADDRESS.fullmatch(address)
    if not found or not 0 < int(found["port"]) < 2**16:
        raise RunError(f"address: expected HOST:PORT, such as 10.0.0.1:6379, got {quoted(address)}")
    place = found["host"].strip("[]"), int(found["port"])
    try:
        socket.create_connection(place, timeout=ANSWER_SECONDS).close()
    except OSError as error:
        why = "no answer" if isinstance(error, TimeoutError) else error.strerror or str(error)
        raise RunError(
            f"address {address}: no Ray cluster can be reached there ({why}); start one with "
            f"'ray start --head --port={place[1]}' or correct the address"
        ) from None
