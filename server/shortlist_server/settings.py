"""How a server is set up. Light to import, because the program reads its defaults from here."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """Everything but the bundle."""

    host: str = "127.0.0.1"
    """Address to listen on; reachable from this machine alone unless changed."""
    port: int = 50051
    """0 picks a free one."""
    workers: int = 1
    """Processes that share the port."""
    threads: int = 8
    """Requests that one worker works on at once, as one batch."""
    waiting: int = 16
    """Requests that may wait in one worker; further ones are turned away."""
    sessions: int = 64
    """Sessions that may be open in one worker, each with a thread of its own; 0 switches them off."""
    grace: float = 10.0
    """Seconds that calls in flight get to end when the server stops."""
    drain_wait: float = 0.2
    """Seconds between telling balancers that this server stops and stopping."""
    connection_age: float = 300.0
    """Seconds after which a client is asked to connect anew, which frees what it may hold."""
    log: Path | None = None
    """Folder of the log of changes, which all workers share; None switches feedback off."""
    impressions: float = 0.1
    """Share of the lists shown that the log keeps, from 0 to 1."""
    sentinels: float = 0.01
    """Share of the lists that are looked at again, from 0 to 1; 0 switches the sentinels off."""
    recall_floor: float = 0.85
    """Below this recall, as served, indexes are searched deeper, in [0, 1]."""
    metrics: str = ""
    """Host and port that Prometheus asks; empty for nowhere."""
    admin: str = ""
    """Host and port where administrators load, promote and roll back; empty for nowhere."""
    canary_share: float = 0.1
    """Share of the customers whom the alias `canary` serves, in [0, 1]; 0 follows no canary."""
    encode_api: bool = False
    reflection: bool = True
    reuse_port: bool = False
    """Whether other processes may listen on the same port: set for workers, never for a server of its own."""

    @property
    def address(self) -> str:
        """Host and port as gRPC writes them."""
        return address(self.host, self.port)


def address(host: str, port: int) -> str:
    """Join host and port; an IPv6 host gets brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def host_and_port(text: str) -> tuple[str, int]:
    """Take 'HOST:PORT' apart; an IPv6 host stands in brackets.

    Raises:
        ValueError: It is not of this form.
    """
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isdigit() or int(port) > 65_535:
        raise ValueError(f"{text!r} is no HOST:PORT")
    return host, int(port)
