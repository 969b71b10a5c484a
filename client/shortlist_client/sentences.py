"""Reasons as one English sentence, or as a few words for a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shortlist_client.needs import WishMet, in_words
from shortlist_client.reasons import Reasons, RuleMove, SourceRank, Taken

PHRASES: Mapping[str, tuple[str, str]] = {
    "own_past": ("you took it before", "taken before"),
    "item_cf": ("people who took {these} often take it too", "goes with {items}"),
    "knowledge": ("it is among those that meet your wishes best", "meets your wishes"),
    "user_cf": ("people with a past like yours took it", "taken by people alike"),
    "sequence": ("it is often taken soon after {these}", "follows {items}"),
    "linear": ("it goes well with {these}", "goes with {items}"),
    "content": ("it is like {these}", "like {items}"),
    "two_tower": ("it fits your taste", "fits your taste"),
    "embedding": ("it is near what you took", "near what you took"),
    "popularity": ("it is popular now", "popular now"),
    "segment_popularity": ("it is popular with people like you", "popular with people like you"),
}
"""What each source says, as a clause and in few words."""
TOGETHER = frozenset({"item_cf", "sequence", "linear", "content"})
"""Sources whose candidates come from single items of the history, so that the sentence names these."""
RATED: Mapping[str, tuple[str, str]] = {
    "taste": ("it should suit your taste", "suits your taste"),
    "item": ("people rate it highly", "rated highly"),
}
"""What is said where the item, or the item and the customer together, raised a predicted rating. What the customer
gives to everything is no reason for one item."""
FILLED = "it fills the list: of what is left it fits best"
OF_A_KIND = ("you often take things of its kind", "of a kind you take")
"""What is said where the category's past raised the score."""
NAMED, SOURCES, TOLD, WORDS = 2, 2, 3, 2
"""How much one sentence says: items of the history, sources, reasons; and reasons in few words."""
WORTH_TELLING = 0.1
"""Share of what the strongest reason did to the score; less is not worth telling."""
DUE, OVERDUE, LOST = 0.75, 1.5, 3.0
"""Shares of the usual gap after which an item is about due and overdue, and after which nobody waits for it."""


@dataclass(frozen=True, slots=True)
class _Clause:
    """One thing to say and its weight in the score: a source, the takings, part of a rating, or the category's past."""

    weight: float
    source: SourceRank | None = None
    taken: Taken | None = None
    rated: str = ""


def sentence(
    item_id: str, reasons: Reasons, names: Mapping[str, str] | None = None, *, wishes: Sequence[WishMet] = ()
) -> str:
    """Return why an item is in a list, as a sentence; empty when nothing was told.

    The wishes that it meets come first, and then what moved the score most. Items are called by their ids where `names`
    has no name for them.
    """
    if not reasons and not wishes:
        return ""
    told = _strongest(reasons)
    pulled = _named(item_id, told, names or {})
    met = in_words(wishes)
    clauses = [f"it meets your wishes: {', '.join(met)}" if met else ""]
    for clause in told:
        if pulled and clause.source is not None and clause.source.history:
            clauses.append(f"because you took {' and '.join(pulled)}")  # where it comes again, it is said once
        clauses.append(_said(clause, pulled, long=True))
    clauses += [_moved(move) for move in reasons.moves]
    text = "; ".join(dict.fromkeys(clause for clause in clauses if clause)) or FILLED
    return f"{text[0].upper()}{text[1:]}."


def short(
    item_id: str, reasons: Reasons, names: Mapping[str, str] | None = None, *, wishes: Sequence[WishMet] = ()
) -> str:
    """Return the same in a few words, the strongest reasons only; empty when nothing proposed the item."""
    told = _strongest(reasons)
    pulled = _named(item_id, told, names or {})
    words = [*in_words(wishes), *(_said(clause, pulled, long=False) for clause in told)]
    return ", ".join(list(dict.fromkeys(words))[:WORDS])


def _strongest(reasons: Reasons) -> list[_Clause]:
    """Return what there is to say, what the score owes most to first."""
    changes = reasons.score_changes
    # Of what the customer has taken the times are said, which is what this source goes by.
    own = [one for one in reasons.sources if one.source == "own_past" and reasons.taken]
    found = [_Clause(_weight(one, changes), source=one) for one in reasons.sources if one not in own]
    found = _by_weight(found)[:SOURCES]
    if reasons.taken:
        weight = changes.get("own_history", 0.0) + sum(_weight(one, changes) for one in own)
        found.append(_Clause(weight, taken=reasons.taken))
    if changes.get("category_history", 0.0) > 0:
        found.append(_Clause(changes["category_history"]))
    if "taste" in changes:  # only a predicted rating has this group
        found += [_Clause(changes[part], rated=part) for part in RATED if changes.get(part, 0.0) > 0]
    found = _by_weight(found)[:TOLD]
    least = WORTH_TELLING * max(found[0].weight, 0.0) if changes and found else 0.0
    return found[:1] + [clause for clause in found[1:] if not changes or clause.weight > least]


def _by_weight(clauses: list[_Clause]) -> list[_Clause]:
    return sorted(clauses, key=lambda clause: -clause.weight)


def _weight(one: SourceRank, changes: Mapping[str, float]) -> float:
    """Return how much the score owes to a source; without a scorer, how high it ranked the item."""
    return changes.get(f"source:{one.source}", 0.0) if changes else 1 / (1 + one.rank)


def _named(item_id: str, told: Sequence[_Clause], names: Mapping[str, str]) -> tuple[str, ...]:
    """Return the items of the history that are named, the strongest first; never the item itself."""
    sources = [clause.source for clause in told if clause.source is not None]
    item_by_item = [one for one in sources if one.source in TOGETHER]
    shares: dict[str, float] = {}
    for source in item_by_item or sources:
        for one in source.history:
            shares[one.item_id] = shares.get(one.item_id, 0.0) + one.share
    shares.pop(item_id, None)
    # Different items may have one name, such as the flavours of a drink.
    strongest = dict.fromkeys(names.get(one, one) for one in sorted(shares, key=lambda one: -shares[one]))
    return tuple(strongest)[:NAMED]


def _said(clause: _Clause, pulled: Sequence[str], *, long: bool) -> str:
    if clause.taken:
        return _again(clause.taken, long=long)
    if clause.rated:
        return RATED[clause.rated][0 if long else 1]
    if clause.source is None:
        return OF_A_KIND[0 if long else 1]
    name = clause.source.source
    if name not in PHRASES:
        return f"proposed by {name.replace('_', ' ')}"
    if name in TOGETHER and not pulled:
        return "it goes with what you took" if long else "goes with what you took"
    words = PHRASES[name][0 if long else 1]
    return words.format(these="this" if len(pulled) == 1 else "these", items=" and ".join(pulled))


def _moved(move: RuleMove) -> str:
    places = "1 place" if abs(move.ranks) == 1 else f"{abs(move.ranks)} places"
    return f"moved {'up' if move.ranks > 0 else 'down'} {places} by {move.rule}"


def _again(taken: Taken, *, long: bool) -> str:
    times = {1: "once", 2: "twice"}.get(taken.count, f"{taken.count:,} times")
    due = _due(taken)
    return f"taken {times}{' before' if long else ''}{f', {due}' if due else ''}"


def _due(taken: Taken) -> str:
    if not taken.gap or taken.since is None:
        return ""
    waited = taken.since / taken.gap
    if DUE <= waited < OVERDUE:
        return "about due again"
    return "overdue" if OVERDUE <= waited < LOST else ""
