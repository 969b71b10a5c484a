"""The commands that ask a server."""

from shortlist_client.commands.customers import customers
from shortlist_client.commands.items import items
from shortlist_client.commands.model import model
from shortlist_client.commands.recommend import recommend
from shortlist_client.commands.record import record
from shortlist_client.commands.score import score
from shortlist_client.commands.similar import similar

__all__ = ["customers", "items", "model", "recommend", "record", "score", "similar"]
