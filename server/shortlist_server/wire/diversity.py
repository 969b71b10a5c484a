"""How varied a list is to be, as a request says it and as a placement has it."""

from shortlist.v1 import policy_pb2 as pb
from shortlist_bundle.diversity.settings import Diversity, Quota
from shortlist_bundle.errors import shown
from shortlist_bundle.policy import Placement
from shortlist_server.pipeline.request import AS_THE_POLICY_SAYS, DiversityRequest
from shortlist_server.wire.exploration import write_exploration
from shortlist_server.wire.inspection import Inspection
from shortlist_server.wire.sources import write_sources
from shortlist_server.wire.values import fits, read_name, read_optional_name, within

_METHODS = {
    pb.DIVERSITY_METHOD_UNSPECIFIED: None,
    pb.DIVERSITY_METHOD_NONE: "none",
    pb.DIVERSITY_METHOD_MMR: "mmr",
    pb.DIVERSITY_METHOD_DPP: "dpp",
    pb.DIVERSITY_METHOD_CALIBRATION: "calibration",
    pb.DIVERSITY_METHOD_MAX_SUM: "max_sum",
}
_NUMBERS = {method: number for number, method in _METHODS.items()}


def read_diversity(inspection: Inspection, message: pb.Diversity, k: int) -> DiversityRequest:
    """Read the diversity of lists of length k."""
    if not message.ByteSize():
        return AS_THE_POLICY_SAYS
    if message.method not in _METHODS:
        inspection.refuse("diversity.method", f"{message.method} is not a known method")
    return DiversityRequest(
        method=_METHODS.get(message.method),
        strength=_read_share(inspection, message.strength, "strength") if message.HasField("strength") else None,
        serendipity=(
            _read_share(inspection, message.serendipity, "serendipity") if message.HasField("serendipity") else None
        ),
        caps=_read_caps(inspection, message),
        quotas=_read_quotas(inspection, message, k),
        calibrate=read_optional_name(inspection, message.calibrate, "diversity.calibrate"),
    )


def write_placement(name: str, placement: Placement) -> pb.Placement:
    """Write a placement with every setting as it holds, so that a request that says the same gets its lists."""
    return pb.Placement(
        name=name,
        diversity=_write_diversity(placement.diversity),
        sources=write_sources(placement.sources),
        exploration=write_exploration(placement.exploration),
    )


def _write_diversity(diversity: Diversity) -> pb.Diversity:
    return pb.Diversity(
        method=_NUMBERS[diversity.method],
        strength=diversity.strength,
        caps=dict(diversity.caps),
        quotas=[pb.Quota(attribute=one.attribute, value=one.value, at_least=one.at_least) for one in diversity.quotas],
        serendipity=diversity.serendipity,
        calibrate=diversity.calibrate,
    )


def _read_share(inspection: Inspection, share: float, name: str) -> float:
    if not 0.0 <= share <= 1.0:
        inspection.refuse(f"diversity.{name}", f"{share} is not within 0 to 1")
    return share


def _read_caps(inspection: Inspection, message: pb.Diversity) -> tuple[tuple[str, int], ...]:
    if not within(inspection, len(message.caps), "diversity.caps", inspection.limits.caps):
        return ()
    for name, most in message.caps.items():
        field = f"diversity.caps[{name if fits(name, inspection.limits.id_bytes) else shown(name)}]"
        read_name(inspection, name, field)
        _inspect_count(inspection, most, field)
    return tuple(sorted(message.caps.items()))


def _read_quotas(inspection: Inspection, message: pb.Diversity, k: int) -> tuple[Quota, ...]:
    if not within(inspection, len(message.quotas), "diversity.quotas", inspection.limits.quotas):
        return ()
    quotas = tuple(_read_quota(inspection, quota, f"diversity.quotas[{n}]") for n, quota in enumerate(message.quotas))
    together = sum(quota.at_least for quota in quotas)
    if together > k:
        inspection.refuse("diversity.quotas", f"ask for {together:,} items of a list of {k:,}")
    return quotas


def _read_quota(inspection: Inspection, message: pb.Quota, path: str) -> Quota:
    if not message.value or not fits(message.value, inspection.limits.text_bytes):
        inspection.refuse(f"{path}.value", f"needs 1 to {inspection.limits.text_bytes:,} bytes")
    _inspect_count(inspection, message.at_least, f"{path}.at_least")
    attribute = read_name(inspection, message.attribute, f"{path}.attribute")
    return Quota(attribute=attribute, value=message.value, at_least=message.at_least)


def _inspect_count(inspection: Inspection, count: int, field: str) -> None:
    if not 1 <= count <= inspection.limits.list_length:
        inspection.refuse(field, f"{count} is not within 1 to {inspection.limits.list_length:,}")
