"""The address that Prometheus asks."""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import Metric

from shortlist_server.errors import CannotServe
from shortlist_server.metrics.summing import Tally, as_metrics
from shortlist_server.settings import address, host_and_port

_LONGEST_STOP = 2.0


class Exporting:
    """Answers `GET /metrics` in the text format of Prometheus, on threads of its own, until it is closed."""

    def __init__(self, where: str, tally: Callable[[], Tally]) -> None:
        """Listen at HOST:PORT, port 0 for a free one; `tally` returns what has been counted.

        Raises:
            CannotServe: The address cannot be listened on.
        """
        registry = CollectorRegistry()
        registry.register(_Collector(tally))
        host, port = host_and_port(where)
        try:
            self._server, self._thread = start_http_server(port, host, registry)
        except OSError as error:
            problem = f"cannot listen on {where}: {error.strerror or error}"
            raise CannotServe(f"{problem}; choose another --metrics") from error
        self.address = address(host, self._server.server_port)

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(_LONGEST_STOP)


class _Collector:
    def __init__(self, tally: Callable[[], Tally]) -> None:
        self._tally = tally

    def collect(self) -> Iterable[Metric]:
        return as_metrics(self._tally())
