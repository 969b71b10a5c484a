"""Where the servers are."""

import socket
from collections.abc import Sequence

from shortlist_client.errors import UsageError

_SCHEMES = ("dns:", "ipv4:", "ipv6:", "unix:", "unix-abstract:", "vsock:", "xds:")


def target_of(addresses: str | Sequence[str]) -> str:
    """Return the gRPC target of one address or several, each "host:port".

    gRPC takes several addresses only as numbers, so the names among several are looked up here, once. A service whose
    servers come and go is better named by one DNS name: gRPC looks that up again and uses every address it yields.

    Raises:
        UsageError: There is none, one has no port, or a name cannot be looked up.
    """
    given = [addresses] if isinstance(addresses, str) else list(addresses)
    if not given:
        raise UsageError('no address given; write e.g. Client("localhost:50051")')
    if len(given) == 1 and given[0].startswith(_SCHEMES):
        return given[0]
    pairs = [_host_and_port(address) for address in given]
    if len(pairs) == 1:
        return given[0]
    return _numeric_target(pairs)


def host_of(addresses: str | Sequence[str]) -> str:
    """Return the host name of the first address."""
    first = addresses if isinstance(addresses, str) else addresses[0]
    return _host_and_port(first)[0]


def _host_and_port(address: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise UsageError(f"address {address!r} is not host:port; write e.g. 'localhost:50051'")
    return host, int(port)


def _numeric_target(pairs: list[tuple[str, int]]) -> str:
    """Return one target for all, of IPv4 addresses where every host has one, else of IPv6 addresses."""
    for family, scheme, pattern in (
        (socket.AF_INET, "ipv4", "{}:{}"),
        (socket.AF_INET6, "ipv6", "[{}]:{}"),
    ):
        found = [_look_up(host, port, family) for host, port in pairs]
        if all(found):
            numbers = dict.fromkeys(pattern.format(*pair) for host_pairs in found for pair in host_pairs)
            return f"{scheme}:{','.join(numbers)}"
    names = ", ".join(host for host, _ in pairs)
    raise UsageError(f"cannot look up every one of the hosts {names}, neither as IPv4 nor as IPv6")


def _look_up(host: str, port: int, family: socket.AddressFamily) -> list[tuple[str, int]]:
    try:
        found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)
    except socket.gaierror:
        return []
    return [(str(address[0]), port) for *_, address in found]
