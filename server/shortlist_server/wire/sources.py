"""Who proposes the candidates of a list, as a request says it and as a placement has it."""

from collections.abc import Sequence
from math import isfinite

from shortlist.v1 import policy_pb2 as pb
from shortlist_bundle.shares import Shares
from shortlist_server.wire.inspection import Inspection
from shortlist_server.wire.values import read_name, within


def write_sources(shares: Shares) -> list[pb.SourceWeight]:
    """Write who proposes the candidates of a placement's lists."""
    return [pb.SourceWeight(source=share.source, weight=share.weight, quota=share.quota) for share in shares]


def read_sources(
    inspection: Inspection, messages: Sequence[pb.SourceWeight], k: int
) -> tuple[dict[str, float], dict[str, int]]:
    """Read the weight of each source named, and the quotas that lists of length k are asked to hold."""
    if not messages or not within(inspection, len(messages), "sources", inspection.limits.sources):
        return {}, {}
    weights: dict[str, float] = {}
    quotas: dict[str, int] = {}
    for row, message in enumerate(messages):
        name = read_name(inspection, message.source, f"sources[{row}].source")
        if name in weights:
            inspection.refuse(f"sources[{row}].source", f"{name!r} is named twice")
        if not isfinite(message.weight) or message.weight < 0.0:
            inspection.refuse(f"sources[{row}].weight", f"{message.weight} is not a finite number of at least 0")
        weights[name] = message.weight
        most = inspection.limits.list_length
        if message.quota > most:
            inspection.refuse(f"sources[{row}].quota", f"{message.quota} is not within 0 to {most:,}")
        elif message.quota:
            quotas[name] = message.quota
    together = sum(quotas.values())
    if together > k:
        inspection.refuse("sources", f"have quotas of {together:,} items of a list of {k:,}")
    return weights, quotas
