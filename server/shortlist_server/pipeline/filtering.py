"""The filter of a request: which items meet it, and what the reply says about it."""

from shortlist_bundle.errors import FilterError
from shortlist_bundle.filters.conditions import Filter
from shortlist_bundle.filters.masks import Matching
from shortlist_bundle.model import Model
from shortlist_bundle.sources.strategies import Effort
from shortlist_server.errors import InvalidRequest, UnknownAttribute, Violation
from shortlist_server.pipeline.reply import FilterReport


def matching(model: Model, filter: Filter) -> Matching:
    """Return which items meet the filter.

    Raises:
        UnknownAttribute: The catalogue has no such attribute.
        InvalidRequest: Values of the wrong type for their attributes, or conditions that do not fit them.
    """
    try:
        return model.catalogue.matching(filter)
    except FilterError as error:
        raise _refusal(error) from None


def report(model: Model, filter: Filter | None, effort: Effort | None) -> FilterReport | None:
    """Return what became of a request's filter; None for a request without one.

    Args:
        model: the bundle.
        filter: of the request, evaluated before.
        effort: of the search among vectors; None where none was searched.
    """
    if filter is None:
        return None
    return FilterReport(
        strategy=effort.strategy if effort else None,
        matching=model.catalogue.matching(filter).count,
        scanned=effort.scanned if effort else 0,
        survived=effort.survived if effort else 0,
    )


def _refusal(error: FilterError) -> InvalidRequest:
    # One that the bundle lacks comes first, for it gives the whole its name.
    first, *others = sorted(error.problems, key=lambda problem: not problem.unknown)
    violations = [Violation(f"filter.{problem.path}", problem.text) for problem in others]
    if first.unknown:
        return UnknownAttribute(f"filter.{first.path}", first.unknown, *violations)
    return InvalidRequest(Violation(f"filter.{first.path}", first.text), *violations)
