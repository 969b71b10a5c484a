"""The commands that ask a server."""

from shortlist_client.commands.model import model
from shortlist_client.commands.recommend import recommend
from shortlist_client.commands.record import record
from shortlist_client.commands.score import score
from shortlist_client.commands.similar import similar

__all__ = ["model", "recommend", "record", "score", "similar"]
