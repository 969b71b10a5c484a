"""ModelService in full, for administrators: what describes, and what changes which bundle serves."""

from collections.abc import Mapping

from shortlist.v1 import model_service_pb2 as pb
from shortlist.v1 import reply_pb2
from shortlist_bundle.errors import BundleError
from shortlist_server.errors import InvalidRequest, UnknownModel
from shortlist_server.loaded import DEFAULT_MODEL, Loaded
from shortlist_server.releases.problems import as_server_error
from shortlist_server.releases.releases import Releases
from shortlist_server.sentinels.sentinels import Sentinels
from shortlist_server.servicers.handlers import Behaviour
from shortlist_server.servicers.model import ModelServicer
from shortlist_server.wire.description import write_gate, write_models

_STABLE = "stable"
_PAGE = 100


class AdminServicer(ModelServicer):
    """Describes what is loaded and what is on disk, and moves aliases; this process follows before it answers."""

    def __init__(self, loaded: Loaded, releases: Releases, sentinels: Sentinels | None = None) -> None:
        """Change what `releases` looks after."""
        super().__init__(loaded, sentinels)
        self._releases = releases

    def behaviours(self) -> Mapping[str, Behaviour]:
        """Return what each method does."""
        return {
            **super().behaviours(),
            "LoadModel": self.load_model,
            "PromoteModel": self.promote_model,
            "RollbackModel": self.rollback_model,
        }

    def load_model(self, message: pb.LoadModelRequest) -> pb.LoadModelResponse:
        """Check and load a bundle beside the one that serves."""
        self._check_model(message.model)
        pipeline = self._releases.load(_named(message.version))
        return pb.LoadModelResponse(bundle=self._bundle(pipeline.version, pipeline.bundle_id))

    def promote_model(self, message: pb.PromoteModelRequest) -> pb.PromoteModelResponse:
        """Let an alias point to a version, once that may serve and passes the gates."""
        self._check_model(message.model)
        done = self._releases.promote(
            _named(message.version), message.alias or _STABLE, message.expected_current or None, force=message.force
        )
        return pb.PromoteModelResponse(
            bundle=self._bundle(done.move.current or "", done.bundle_id),
            previous_version=done.move.previous or "",
            gates=[write_gate(gate) for gate in done.gates],
        )

    def rollback_model(self, message: pb.RollbackModelRequest) -> pb.RollbackModelResponse:
        """Let an alias point to where it stood before."""
        self._check_model(message.model)
        bundle_id, move = self._releases.rollback(message.alias or _STABLE, message.expected_current or None)
        return pb.RollbackModelResponse(
            bundle=self._bundle(move.current or "", bundle_id), previous_version=move.previous or ""
        )

    def list_models(self, message: pb.ListModelsRequest) -> pb.ListModelsResponse:
        """List what the folder of bundles holds, page by page in the order of the names."""
        self._check_page(message)
        try:
            found = self._releases.shelf.models()
        except BundleError as error:
            raise as_server_error(error) from error
        if message.model and message.model not in found:
            raise UnknownModel(message.model)
        names = [message.model] if message.model else sorted(name for name in found if name > message.page_token)
        page = names[: message.page_size or _PAGE]
        loaded = {self._releases.shelf.model: self._releases.loaded_versions}
        return pb.ListModelsResponse(
            models=[
                write_models(name, found[name].versions, found[name].aliases, loaded.get(name, ())) for name in page
            ],
            next_page_token=page[-1] if len(names) > len(page) else "",
        )

    def _check_model(self, name: str) -> None:
        if (name or DEFAULT_MODEL) != self._releases.shelf.model:
            raise UnknownModel(name or DEFAULT_MODEL)

    def _bundle(self, version: str, bundle_id: str) -> reply_pb2.Bundle:
        return reply_pb2.Bundle(model=self._releases.shelf.model, version=version, id=bundle_id)


def _named(version: str) -> str:
    if not version:
        raise InvalidRequest.at("version", "is empty; name a version or an alias")
    return version
