"""The verbs of an administrator as calls."""

from collections.abc import Iterable

from shortlist.v1 import model_service_pb2 as pb
from shortlist.v1 import reply_pb2
from shortlist_client.options import CallOptions
from shortlist_client.recommendations import Bundle
from shortlist_client.releases import Gate, Model, Moved
from shortlist_client.translation.calls import Call, call_of


def load_model(version: str, options: CallOptions) -> Call[Bundle]:
    """Return the call that loads a version."""
    request = pb.LoadModelRequest(model=options.model, version=version)
    return call_of(
        options, "ModelService/LoadModel", request, pb.LoadModelResponse, lambda reply: _bundle(reply.bundle)
    )


def promote_model(version: str, alias: str, expected_current: str, options: CallOptions, *, force: bool) -> Call[Moved]:
    """Return the call that lets an alias point to a version."""
    request = pb.PromoteModelRequest(
        model=options.model, version=version, alias=alias, expected_current=expected_current, force=force
    )
    return call_of(options, "ModelService/PromoteModel", request, pb.PromoteModelResponse, _moved)


def rollback_model(alias: str, expected_current: str, options: CallOptions) -> Call[Moved]:
    """Return the call that lets an alias point to where it stood before."""
    request = pb.RollbackModelRequest(model=options.model, alias=alias, expected_current=expected_current)
    return call_of(options, "ModelService/RollbackModel", request, pb.RollbackModelResponse, _moved)


def list_models(page_token: str, options: CallOptions) -> Call[tuple[tuple[Model, ...], str]]:
    """Return the call for one page of models, and the token of the next one."""
    request = pb.ListModelsRequest(model=options.model, page_token=page_token)
    return call_of(options, "ModelService/ListModels", request, pb.ListModelsResponse, _page)


def _moved(reply: pb.PromoteModelResponse | pb.RollbackModelResponse) -> Moved:
    gates = reply.gates if isinstance(reply, pb.PromoteModelResponse) else ()
    return Moved(
        bundle=_bundle(reply.bundle),
        previous_version=reply.previous_version,
        gates=tuple(_gate(gate) for gate in gates),
    )


def _gate(message: pb.Gate) -> Gate:
    return Gate(
        name=message.name,
        live=message.live if message.HasField("live") else None,
        candidate=message.candidate if message.HasField("candidate") else None,
        limit=message.limit if message.HasField("limit") else None,
        passed=message.passed,
        note=message.note,
    )


def _page(reply: pb.ListModelsResponse) -> tuple[tuple[Model, ...], str]:
    return tuple(_models(reply.models)), reply.next_page_token


def _models(messages: Iterable[pb.Model]) -> Iterable[Model]:
    for message in messages:
        yield Model(
            model=message.model,
            versions=tuple(message.versions),
            aliases=dict(message.aliases),
            loaded_versions=tuple(message.loaded_versions),
        )


def _bundle(message: reply_pb2.Bundle) -> Bundle:
    return Bundle(model=message.model, version=message.version, id=message.id)
