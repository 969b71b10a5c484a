"""CustomerService: what is known of customers beside their events, and forgetting them."""

from collections.abc import Mapping

from shortlist.v1 import customer_service_pb2 as pb
from shortlist_server.limits import LIMITS, Limits
from shortlist_server.loaded import Loaded
from shortlist_server.pipeline.changing import delete_customers, upsert_customers
from shortlist_server.servicers.handlers import Behaviour
from shortlist_server.wire.changes import read_described_customers, read_ids, write_upserted_customers
from shortlist_server.wire.positions import write_position


class CustomerServicer:
    """Writes customers to the log of the pipeline that is loaded; its own worker knows of them at once."""

    SERVICE = pb.DESCRIPTOR.services_by_name["CustomerService"]

    def __init__(self, loaded: Loaded, *, limits: Limits = LIMITS) -> None:
        """Change what `loaded` holds."""
        self._loaded = loaded
        self._limits = limits

    def behaviours(self) -> Mapping[str, Behaviour]:
        """Return what each method does."""
        return {"UpsertCustomers": self.upsert_customers, "DeleteCustomers": self.delete_customers}

    def upsert_customers(self, message: pb.UpsertCustomersRequest) -> pb.UpsertCustomersResponse:
        """Set features of customers."""
        pipeline = self._loaded.of_model(message.model)
        customers, refused = read_described_customers(message, self._limits)
        return write_upserted_customers(upsert_customers(pipeline, pipeline.changing(), customers), refused)

    def delete_customers(self, message: pb.DeleteCustomersRequest) -> pb.DeleteCustomersResponse:
        """Forget customers."""
        pipeline = self._loaded.of_model(message.model)
        ids = read_ids(message.customer_ids, "customer_ids", self._limits)
        changed = delete_customers(pipeline, pipeline.changing(), ids)
        return pb.DeleteCustomersResponse(
            deleted_count=changed.stored, unknown_count=changed.unknown, position=write_position(changed.position)
        )
