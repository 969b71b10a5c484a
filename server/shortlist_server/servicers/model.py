"""ModelService as everybody sees it: what describes, not what changes."""

from collections.abc import Mapping
from functools import partial
from typing import NoReturn

from shortlist.v1 import model_service_pb2 as pb
from shortlist_server.errors import FeatureOff, InvalidRequest, UnknownModel
from shortlist_server.loaded import Loaded
from shortlist_server.sentinels.sentinels import Sentinels
from shortlist_server.servicers.handlers import Behaviour
from shortlist_server.wire.description import write_description, write_model
from shortlist_server.wire.settings import check_placement

_LARGEST_PAGE = 1_000
_ADMINISTRATORS = ("LoadModel", "PromoteModel", "RollbackModel")


class ModelServicer:
    """Describes the pipeline that is loaded."""

    SERVICE = pb.DESCRIPTOR.services_by_name["ModelService"]

    def __init__(self, loaded: Loaded, sentinels: Sentinels | None = None) -> None:
        """Describe what `loaded` holds, and what `sentinels` say of it."""
        self._loaded = loaded
        self._sentinels = sentinels

    def behaviours(self) -> Mapping[str, Behaviour]:
        """Return what each method does; methods that are missing here are not built yet."""
        return {"DescribeModel": self.describe_model, "ListModels": self.list_models}

    def changes(self) -> Mapping[str, Behaviour]:
        """Return the methods that are served to administrators alone, each with its refusal."""
        return {name: partial(_refuse, name) for name in _ADMINISTRATORS}

    def describe_model(self, message: pb.DescribeModelRequest) -> pb.DescribeModelResponse:
        """Describe what serves now; a version or alias may be named, but no other is loaded."""
        pipeline = self._loaded.of_model(message.model)
        check_placement(message.placement, pipeline.placements)
        description = pipeline.description()
        if message.version not in ("", description.version, *description.aliases):
            raise UnknownModel(f"{description.model}/{message.version}")
        report = self._sentinels.report(description.bundle_id) if self._sentinels else None
        return write_description(description, report)

    def list_models(self, message: pb.ListModelsRequest) -> pb.ListModelsResponse:
        """List the one model that is served; one page holds it."""
        self._check_page(message)
        if message.page_token:
            raise InvalidRequest.at("page_token", "is not a token of this server: there is one page only")
        pipeline = self._loaded.of_model(message.model) if message.model else self._loaded.current()
        return pb.ListModelsResponse(models=[write_model(pipeline.description())])

    def _check_page(self, message: pb.ListModelsRequest) -> None:
        if message.page_size > _LARGEST_PAGE:
            raise InvalidRequest.at("page_size", f"{message.page_size} is not within 0 to {_LARGEST_PAGE:,}")


def _refuse(method: str, _message: object) -> NoReturn:
    raise FeatureOff(f"ModelService.{method}", "is served at the administrators' address alone (--admin HOST:PORT)")
