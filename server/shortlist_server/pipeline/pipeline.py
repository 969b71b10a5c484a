"""Resolve, encode, retrieve, filter, rerank: requests in, lists out, without gRPC."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shortlist_bundle.changes.change import Change
from shortlist_bundle.changes.log import START, Appended, Position
from shortlist_bundle.knowledge.utility import NAME as KNOWLEDGE
from shortlist_bundle.merge import source_masks
from shortlist_bundle.model import Model
from shortlist_bundle.search_depth import AS_TUNED, searched_deeper
from shortlist_server.errors import FeatureOff, InvalidRequest, PipelineError
from shortlist_server.pipeline.allowing import allowed, seen_allowed
from shortlist_server.pipeline.clock import ClockPolicy, moment
from shortlist_server.pipeline.describing import describe
from shortlist_server.pipeline.description import ModelDescription
from shortlist_server.pipeline.encoding import encode_customers, encode_items
from shortlist_server.pipeline.explaining import explanations
from shortlist_server.pipeline.exploring import Drawing, Exploring, generator_of, seed_of, told
from shortlist_server.pipeline.filtering import report
from shortlist_server.pipeline.knowledge import check_needs, knowledge_of, source_names, wishes_met
from shortlist_server.pipeline.musts import Fit, Musts
from shortlist_server.pipeline.ranking import Ranking, Timings, Wish, chunks, rank
from shortlist_server.pipeline.reply import (
    SHORT_LIST,
    CustomerVectors,
    Recommendations,
    Scores,
    SimilarCustomers,
    SimilarItems,
)
from shortlist_server.pipeline.request import (
    AS_THE_POLICY_SAYS,
    EXPLORE_AS_THE_POLICY_SAYS,
    RecommendRequest,
    ScoreRequest,
    Seen,
    SimilarCustomersRequest,
    SimilarItemsRequest,
)
from shortlist_server.pipeline.resolve import Resolved, check_features, customer_batch, resolve
from shortlist_server.pipeline.scoring import score
from shortlist_server.pipeline.shares import missed, shares_of
from shortlist_server.pipeline.similar import similar_items
from shortlist_server.pipeline.similar_customers import similar_customers
from shortlist_server.pipeline.utility_ranking import needs_utility, rank_by_utility
from shortlist_server.pipeline.variety import Variety

NO_LOG = "needs a log of changes, which this server does not keep; start it with --log"
_NO_VECTORS = np.zeros((1, 0), np.float32)
_NO_TAKINGS = np.zeros(1, np.float32)
MOST_WISHES = 1_000
"""Kept of those that were asked for; each is small."""


class Pipeline:
    """Answers requests from one bundle. Safe to call from several threads at once.

    Args:
        model: the bundle in memory.
        name, version, bundle_id: which bundle it is.
        clock: what 'now' is for a request that does not say.
        created: epoch seconds, when the bundle was written.
        aliases: returns the aliases that name the bundle; asked anew each time, for they are moved while it serves.
    """

    def __init__(
        self,
        served: Model,
        *,
        name: str,
        version: str,
        bundle_id: str,
        clock: ClockPolicy,
        created: float = 0.0,
        aliases: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self.served = served
        self.model, self.version, self.bundle_id = name, version, bundle_id
        self.clock = clock
        self.created = created
        self._aliases = aliases
        self._variety = Variety(served)
        self.exploring = Exploring(served)
        self._wishes: dict[tuple[Seen, int, str, bool], Wish] = {}
        self.knowledge = knowledge_of(served)
        self._depth = AS_TUNED
        self._deeper: Pipeline | None = None

    def moved_to(self, served: Model) -> "Pipeline":
        """Return the pipeline of the same bundle at another position of the log; this one stays where it is.

        What depends on the items alone is shared as long as they are the same.
        """
        moved = copy(self)
        moved.served = served
        moved._wishes = {}
        moved._deeper = None
        if _items_of(served) != _items_of(self.served):
            moved._variety = Variety(served)
            moved.knowledge = knowledge_of(served)
        if served.posterior is not self.served.posterior:
            moved.exploring = Exploring(served)
        if self._deeper is not None:
            moved.search_deeper(self.search_depth)
        return moved

    @property
    def search_depth(self) -> float:
        """So many times as deep as the bundle was tuned are indexes searched for lists."""
        return self._depth if self._deeper is None else self._deeper._depth

    @property
    def searched(self) -> Model:
        """The model that lists are made from now, with its indexes searched as deep as that."""
        return (self._deeper or self).served

    def search_deeper(self, times: float) -> None:
        """Search the indexes so many times as deep as the bundle was tuned, for every list that is begun from now on.

        What answers is replaced by one reference, so that no list is made half of the one and half of the other.
        """
        if self.served.engine is None or times == AS_TUNED:
            self._deeper = None
            return
        deeper = copy(self)
        deeper.served = replace(self.served, engine=searched_deeper(self.served.engine, times))
        deeper._wishes, deeper._deeper, deeper._depth = {}, None, times
        self._deeper = deeper

    @property
    def placements(self) -> Sequence[str]:
        """See `PipelineProtocol.placements`."""
        return tuple(self.served.policy.placements)

    @classmethod
    def load(cls, bundles: Path, model: str, version: str, clock: ClockPolicy) -> "Pipeline":
        """Read and verify a bundle, replay its golden requests, and warm up.

        Raises:
            BundleError: The bundle does not exist, is damaged, or answers its golden requests differently.
        """
        from shortlist_server.pipeline.loading import load_pipeline

        return load_pipeline(bundles, model, version, clock)

    def now(self) -> float:
        """See `PipelineProtocol.now`."""
        return moment(None, self.clock, self.served.clock)[0]

    def recommend(self, requests: Sequence[RecommendRequest]) -> Sequence[Recommendations | PipelineError]:
        """See `PipelineProtocol.recommend`."""
        pipeline = self._deeper or self
        answers: list[Recommendations | PipelineError] = []
        for chunk in chunks(len(requests), len(self.served.items)):
            answers += pipeline._recommend(requests[chunk])
        return answers

    def similar_items(self, request: SimilarItemsRequest) -> SimilarItems:
        """See `PipelineProtocol.similar_items`."""
        return similar_items(self.served, request, self.now())

    def similar_customers(self, request: SimilarCustomersRequest) -> SimilarCustomers:
        """See `PipelineProtocol.similar_customers`."""
        return similar_customers(self.served, request, self.clock)

    def score(self, request: ScoreRequest) -> Scores:
        """See `PipelineProtocol.score`."""
        return score(self.served, request, self.clock)

    def encode_customers(self, requests: Sequence[RecommendRequest]) -> CustomerVectors:
        """See `PipelineProtocol.encode_customers`."""
        return encode_customers(self.served, requests, self.clock)

    def encode_items(self, item_ids: Sequence[str]) -> NDArray[np.float32]:
        """See `PipelineProtocol.encode_items`."""
        return encode_items(self.served, item_ids)

    def reach(self, position: Position, timeout: float | None) -> None:
        """See `PipelineProtocol.reach`: a bundle alone stays where it is."""
        if position > START:
            raise FeatureOff("after_position", NO_LOG)

    def record(self, changes: Sequence[Change]) -> Appended:
        """See `PipelineProtocol.record`: a bundle alone takes in nothing."""
        raise FeatureOff("changes", NO_LOG)

    def known(self) -> Model:
        """See `PipelineProtocol.known`."""
        return self.served

    def changing(self) -> Model:
        """See `PipelineProtocol.changing`."""
        raise FeatureOff("changes", NO_LOG)

    def close(self) -> None:
        """See `PipelineProtocol.close`: nothing runs beside it."""

    def description(self) -> ModelDescription:
        """See `PipelineProtocol.description`."""
        return describe(
            self.served, name=self.model, version=self.version, bundle_id=self.bundle_id, clock=self.clock,
            created=self.created, aliases=self._aliases(),
        )  # fmt: skip

    def _recommend(self, requests: Sequence[RecommendRequest]) -> list[Recommendations | PipelineError]:
        timings = Timings()
        answers: dict[int, Recommendations | PipelineError] = {}
        resolved: dict[int, Resolved] = {}
        groups: dict[Wish, list[int]] = {}
        for number, request in enumerate(requests):
            try:
                resolved[number] = self._resolved(request)
                groups.setdefault(self._wish(request), []).append(number)
            except PipelineError as error:
                answers[number] = error
        timings.lap("resolve")
        for wish, numbers in groups.items():
            answers.update(self._group(wish, numbers, requests, resolved, timings))
        return [answers[number] for number in range(len(requests))]

    def _resolved(self, request: RecommendRequest) -> Resolved:
        if request.profile.features:
            check_features(self.served.customer_encoder, request.profile)
        check_needs(self.knowledge, request)
        if request.sources or request.source_quotas:
            self._check_sources(request)
        return resolve(self.served, request, self.clock)

    def _check_sources(self, request: RecommendRequest) -> None:
        named = {**request.sources, **request.source_quotas}
        stated = request.needs is not None and bool(request.needs.wishes or KNOWLEDGE in named)
        known = source_names(self.served, stated=stated)
        for name in named:
            if name not in known:
                raise InvalidRequest.at("sources", f"the bundle has no source {name!r}; it has {', '.join(known)}")

    def _wish(self, request: RecommendRequest) -> Wish:
        if _asks_for_more(request):
            return self._made_wish(request)
        # Most requests ask for what others have asked for.
        asked = (request.seen, request.k, request.placement, request.explain)
        wish = self._wishes.get(asked)
        if wish is None:
            wish = self._made_wish(request)
            if len(self._wishes) < MOST_WISHES:
                self._wishes[asked] = wish
        return wish

    def _made_wish(self, request: RecommendRequest) -> Wish:
        # Never longer than the catalogue: a k above it is answered with everything there is.
        return Wish(
            seen_allowed=seen_allowed(self.served, request.seen),
            sources=shares_of(self.served.policy, request),
            k=min(request.k, len(self.served.items) - 1),
            explain=request.explain,
            diversity=self._variety.wanted(request),
            exploration=self.exploring.wanted(request),
            wishes=request.needs.wishes if request.needs else (),
            wish_weight=request.needs.weight if request.needs and request.needs.wishes else 0.0,
        )

    def _group(
        self,
        wish: Wish,
        numbers: Sequence[int],
        requests: Sequence[RecommendRequest],
        resolved: Mapping[int, Resolved],
        timings: Timings,
    ) -> dict[int, Recommendations | PipelineError]:
        answers: dict[int, Recommendations | PipelineError] = {}
        batch = customer_batch(self.served, [resolved[number] for number in numbers])
        timings.lap("resolve")
        masks, unknown, keep, fits, musts = [], [], [], [], Musts(self.served)
        for row, number in enumerate(numbers):
            try:
                mask, missing = allowed(
                    self.served, requests[number], batch.history.items_of(row), resolved[number].as_of
                )
                fit = musts.constrain(mask, requests[number].needs)
            except PipelineError as error:
                answers[number] = error
                continue
            masks.append(mask)
            unknown.append(missing)
            fits.append(fit)
            keep.append(row)
        timings.lap("filter")
        if not keep:
            return answers
        if len(keep) < len(numbers):
            batch = batch.take(np.array(keep))
        # The masks of a large catalogue are not copied for a request that is alone.
        every = masks[0][None] if len(masks) == 1 else np.stack(masks)
        seeds = [seed_of(requests[numbers[kept]]) for kept in keep] if wish.exploration.active else []
        drawing = self._drawing(seeds, [requests[numbers[kept]] for kept in keep]) if seeds else None
        if needs_utility(wish):
            ranking = rank_by_utility(self.served, self.knowledge, batch, every, wish, timings, self._variety, drawing)
        else:
            ranking = rank(self.served, batch, every, wish, timings, self._variety, drawing)
        proposers = source_masks(ranking.ranked.ranks).tolist()
        for row, kept in enumerate(keep):
            number = numbers[kept]
            answers[number] = self._reply(
                requests[number],
                resolved[number],
                ranking,
                row,
                proposers[row],
                unknown[row],
                fits[row],
                dict(timings.spent),
                wish,
                seeds[row] if seeds else None,
            )
        return answers

    def _drawing(self, seeds: Sequence[int], requests: Sequence[RecommendRequest]) -> Drawing:
        generators = [generator_of(seed, one.customer_id) for seed, one in zip(seeds, requests, strict=True)]
        engine = self.served.engine
        items = engine.retriever.tower_items.vectors if engine else _NO_VECTORS
        takings = engine.retriever.counts.cumulative[-1] if engine else _NO_TAKINGS
        return Drawing(exploring=self.exploring, generators=generators, items=items, takings=takings)

    def _reply(
        self,
        request: RecommendRequest,
        resolved: Resolved,
        ranking: Ranking,
        row: int,
        proposers: list[int],
        unknown: int,
        fit: Fit,
        timings: Mapping[str, float],
        wish: Wish,
        seed: int | None,
    ) -> Recommendations:
        ranked, reasons = ranking.ranked, ranking.reasons
        items = ranked.items[row][: request.k]
        items = items[items > 0]
        sources = source_names(self.served, stated=needs_utility(wish))
        ranks = ranked.ranks[row, : len(items)]
        short = (SHORT_LIST,) if len(items) < request.k else ()
        broken = (*self._variety.broken(wish.diversity, items), *missed(self.served, wish.sources, ranks))
        return Recommendations(
            item_ids=self.served.items.ids(items),
            scores=ranked.scores[row, : len(items)].tolist(),
            source_masks=proposers[: len(items)],
            sources=sources,
            source_ranks=ranks,
            explanations=explanations(self.served, reasons, row, ranks, drawn=seed is not None) if reasons else (),
            score_groups=reasons.score_groups if reasons else (),
            as_of=resolved.as_of,
            clock=resolved.clock,
            known_customer=resolved.known,
            fallbacks=(*resolved.fallbacks, *fit.fallbacks, *short, *broken),
            unknown_items=resolved.unknown_items + unknown,
            unknown_attributes=resolved.unknown_attributes,
            candidates=int(ranked.candidates[row]),
            timings_ms=timings,
            wishes_met=wishes_met(self.knowledge, request.needs, items) if request.explain and request.needs else (),
            relaxations=fit.relaxations,
            filter_report=report(self.served, request.filter, ranking.efforts[row]),
            exploration=told(wish.exploration, seed, ranking.explored, row, len(items)),
            position=self.served.position,
            seen_allowed=wish.seen_allowed,
            search_depth=self._depth,
        )


def _items_of(model: Model) -> tuple[int, ...]:
    """Return what tells apart models of other items, or of items that are taken more or less often."""
    retriever = model.engine.retriever if model.engine else None
    parts = (model.catalogue, *((retriever.tower_items, retriever.counts) if retriever else ()))
    return tuple(map(id, parts))


def _asks_for_more(request: RecommendRequest) -> bool:
    """Say whether a request asks for what few others ask for."""
    return bool(
        request.diversity is not AS_THE_POLICY_SAYS
        or request.exploration is not EXPLORE_AS_THE_POLICY_SAYS
        or request.needs
        or request.sources
        or request.source_quotas
    )
