"""The settings of a list into the fields that single and batch requests share; a placement's back from a reply."""

from typing import Any

from shortlist.v1 import policy_pb2
from shortlist_client.policy import Diversity, DiversityMethod, Exploration, ListSettings, Seen, Source, Sources
from shortlist_client.translation.filters import filter_message
from shortlist_client.translation.needs import needs_message
from shortlist_client.translation.values import bad_field, count, ids, list_length, seconds, values

_SEEN = {
    Seen.POLICY: policy_pb2.SEEN_POLICY,
    Seen.INCLUDE: policy_pb2.SEEN_INCLUDE,
    Seen.EXCLUDE: policy_pb2.SEEN_EXCLUDE,
}
_DIVERSITY = {
    DiversityMethod.POLICY: policy_pb2.DIVERSITY_METHOD_UNSPECIFIED,
    DiversityMethod.NONE: policy_pb2.DIVERSITY_METHOD_NONE,
    DiversityMethod.MMR: policy_pb2.DIVERSITY_METHOD_MMR,
    DiversityMethod.DPP: policy_pb2.DIVERSITY_METHOD_DPP,
    DiversityMethod.CALIBRATION: policy_pb2.DIVERSITY_METHOD_CALIBRATION,
    DiversityMethod.MAX_SUM: policy_pb2.DIVERSITY_METHOD_MAX_SUM,
}
_METHODS = {number: method for method, number in _DIVERSITY.items()}


def list_fields(settings: ListSettings) -> dict[str, Any]:
    """Return the fields by name.

    Raises:
        BadRequest: A setting cannot be sent.
    """
    return {
        "k": list_length(settings.k),
        "as_of": None if settings.as_of is None else seconds(settings.as_of, "as_of"),
        "context": values(settings.context, "context"),
        "filter": filter_message(settings.filter),
        "exclude_item_ids": ids(settings.exclude_items, "exclude_items"),
        "seen": _SEEN[settings.seen],
        "sources": _sources(settings.sources),
        "diversity": _diversity(settings.diversity),
        "exploration": _exploration(settings.exploration),
        "require_known": settings.require_known,
        "explain": settings.explain,
        "include_timings": settings.include_timings,
        "after_position": settings.after_position,
        "needs": needs_message(settings.needs),
    }


def diversity_of(message: policy_pb2.Diversity) -> Diversity:
    """Return the diversity of a placement; a method that this release does not know is left to the policy."""
    quotas: dict[str, dict[str, int]] = {}
    for quota in message.quotas:
        quotas.setdefault(quota.attribute, {})[quota.value] = quota.at_least
    return Diversity(
        method=_METHODS.get(message.method, DiversityMethod.POLICY),
        strength=message.strength if message.HasField("strength") else None,
        caps=dict(message.caps),
        quotas=quotas,
        serendipity=message.serendipity if message.HasField("serendipity") else None,
        calibrate=message.calibrate,
    )


def exploration_of(message: policy_pb2.Exploration) -> Exploration:
    """Return the exploration of a placement."""
    return Exploration(
        policy=message.policy,
        strength=message.strength if message.HasField("strength") else None,
        temperature=message.temperature if message.HasField("temperature") else None,
        slots=tuple(message.slots),
    )


def _sources(sources: Sources) -> list[policy_pb2.SourceWeight]:
    return [_source(name, given) for name, given in sources.items()]


def _source(name: str, given: float | Source) -> policy_pb2.SourceWeight:
    own = given if isinstance(given, Source) else Source(weight=given)
    return policy_pb2.SourceWeight(
        source=name, weight=own.weight, quota=count(own.quota, f"sources[{name}].quota", least=0)
    )


def _diversity(diversity: Diversity | None) -> policy_pb2.Diversity | None:
    if diversity is None:
        return None
    return policy_pb2.Diversity(
        method=_method(diversity.method),
        strength=diversity.strength,
        caps={name: count(most, f"diversity.caps[{name}]") for name, most in diversity.caps.items()},
        quotas=[
            policy_pb2.Quota(attribute=name, value=value, at_least=count(least, f"diversity.quotas[{name}]"))
            for name, values in diversity.quotas.items()
            for value, least in values.items()
        ],
        serendipity=diversity.serendipity,
        calibrate=diversity.calibrate,
    )


def _method(method: DiversityMethod | str) -> policy_pb2.DiversityMethod.ValueType:
    try:
        return _DIVERSITY[DiversityMethod(method)]
    except ValueError:
        known = ", ".join(one.value for one in DiversityMethod)
        raise bad_field("diversity.method", f"{method!r} is not one of {known}") from None


def _exploration(exploration: Exploration | None) -> policy_pb2.Exploration | None:
    if exploration is None:
        return None
    return policy_pb2.Exploration(
        policy=exploration.policy,
        seed=exploration.seed,
        strength=exploration.strength,
        temperature=exploration.temperature,
        slots=[count(slot, f"exploration.slots[{row}]", least=0) for row, slot in enumerate(exploration.slots)],
    )
