"""The client for asyncio: `from shortlist_client import aio`, then `aio.Client`."""

from shortlist_client.aio.client import Client
from shortlist_client.aio.session import Session

__all__ = ["Client", "Session"]
