"""CatalogService: items come, change and go without training."""

from collections.abc import Mapping

from shortlist.v1 import catalog_service_pb2 as pb
from shortlist_server.limits import LIMITS, Limits
from shortlist_server.loaded import Loaded
from shortlist_server.pipeline.changing import delete_items, known_item, upsert_items
from shortlist_server.servicers.handlers import Behaviour
from shortlist_server.wire.changes import read_id, read_ids, read_items, write_item, write_upserted_items
from shortlist_server.wire.positions import write_position
from shortlist_server.wire.replies import write_bundle


class CatalogServicer:
    """Writes items to the log of the pipeline that is loaded; when a call is answered, its own worker knows them."""

    SERVICE = pb.DESCRIPTOR.services_by_name["CatalogService"]

    def __init__(self, loaded: Loaded, *, limits: Limits = LIMITS) -> None:
        """Change what `loaded` holds."""
        self._loaded = loaded
        self._limits = limits

    def behaviours(self) -> Mapping[str, Behaviour]:
        """Return what each method does."""
        return {"UpsertItems": self.upsert_items, "DeleteItems": self.delete_items, "GetItem": self.get_item}

    def upsert_items(self, message: pb.UpsertItemsRequest) -> pb.UpsertItemsResponse:
        """Add items or replace them whole."""
        pipeline = self._loaded.of_model(message.model)
        items, refused = read_items(message, self._limits)
        return write_upserted_items(upsert_items(pipeline, pipeline.changing(), items), refused)

    def delete_items(self, message: pb.DeleteItemsRequest) -> pb.DeleteItemsResponse:
        """Take items out."""
        pipeline = self._loaded.of_model(message.model)
        ids = read_ids(message.item_ids, "item_ids", self._limits)
        changed = delete_items(pipeline, pipeline.changing(), ids)
        return pb.DeleteItemsResponse(
            deleted_count=changed.stored, unknown_count=changed.unknown, position=write_position(changed.position)
        )

    def get_item(self, message: pb.GetItemRequest) -> pb.GetItemResponse:
        """Show one item as it is known now."""
        pipeline = self._loaded.of_model(message.model)
        item_id = read_id(message.item_id, "item_id", self._limits)
        return write_item(known_item(pipeline.known(), item_id), write_bundle(pipeline))
