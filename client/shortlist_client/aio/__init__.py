"""The client for asyncio: `from shortlist_client import aio`, then `aio.Client`."""

from shortlist_client.aio.client import Client

__all__ = ["Client"]
