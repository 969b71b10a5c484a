"""A second, local address, where administrators load, promote and roll back."""

from concurrent.futures import ThreadPoolExecutor

import grpc

from shortlist_server.errors import CannotServe
from shortlist_server.limits import LIMITS
from shortlist_server.loaded import Loaded
from shortlist_server.releases.releases import Releases
from shortlist_server.sentinels.sentinels import Sentinels
from shortlist_server.servicers.admin import AdminServicer
from shortlist_server.servicers.handlers import handlers
from shortlist_server.settings import ServeSettings, address, host_and_port

_THREADS = 4
_STOP = 1.0


class Administration:
    """Serves ModelService in full, on threads of its own: a load that takes long holds up no request."""

    def __init__(
        self, settings: ServeSettings, loaded: Loaded, releases: Releases, sentinels: Sentinels | None = None
    ) -> None:
        """Set up; nothing listens yet."""
        self._settings = settings
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="admin")
        options = [
            ("grpc.so_reuseport", int(settings.reuse_port)),
            ("grpc.max_receive_message_length", LIMITS.message_bytes),
        ]
        self._server = grpc.server(self._pool, options=options, maximum_concurrent_rpcs=4 * _THREADS)
        servicer = AdminServicer(loaded, releases, sentinels)
        self._server.add_registered_method_handlers(
            servicer.SERVICE.full_name, handlers(servicer.SERVICE, servicer.behaviours())
        )

    def start(self) -> str:
        """Listen, and return the address.

        Raises:
            CannotServe: The address cannot be listened on.
        """
        try:
            port = self._server.add_insecure_port(self._settings.admin)
        except RuntimeError as error:
            raise CannotServe(f"cannot listen on {self._settings.admin}; choose another --admin") from error
        self._server.start()
        return address(host_and_port(self._settings.admin)[0], port)

    def stop(self) -> None:
        """Take no further call; one that loads a bundle is broken off."""
        self._server.stop(_STOP).wait(_STOP)
        self._pool.shutdown(wait=False)
