"""ModelService: so far what describes, not what changes."""

from collections.abc import Mapping

from shortlist.v1 import model_service_pb2 as pb
from shortlist_server.errors import InvalidRequest, UnknownModel
from shortlist_server.loaded import Loaded
from shortlist_server.servicers.handlers import Behaviour
from shortlist_server.wire.description import write_description, write_model
from shortlist_server.wire.settings import check_placement

_LARGEST_PAGE = 1_000


class ModelServicer:
    """Describes the pipeline that is loaded."""

    SERVICE = pb.DESCRIPTOR.services_by_name["ModelService"]

    def __init__(self, loaded: Loaded) -> None:
        """Describe what `loaded` holds."""
        self._loaded = loaded

    def behaviours(self) -> Mapping[str, Behaviour]:
        """Return what each method does; methods that are missing here are not built yet."""
        return {"DescribeModel": self.describe_model, "ListModels": self.list_models}

    def describe_model(self, message: pb.DescribeModelRequest) -> pb.DescribeModelResponse:
        """Describe what serves now; a version or alias may be named, but no other is loaded."""
        pipeline = self._loaded.of_model(message.model)
        check_placement(message.placement, pipeline.placements)
        description = pipeline.description()
        if message.version not in ("", description.version, *description.aliases):
            raise UnknownModel(f"{description.model}/{message.version}")
        return write_description(description)

    def list_models(self, message: pb.ListModelsRequest) -> pb.ListModelsResponse:
        """List the one model that is served; one page holds it."""
        if message.page_size > _LARGEST_PAGE:
            raise InvalidRequest.at("page_size", f"{message.page_size} is not within 0 to {_LARGEST_PAGE:,}")
        if message.page_token:
            raise InvalidRequest.at("page_token", "is not a token of this server: there is one page only")
        pipeline = self._loaded.of_model(message.model) if message.model else self._loaded.current()
        return pb.ListModelsResponse(models=[write_model(pipeline.description())])
