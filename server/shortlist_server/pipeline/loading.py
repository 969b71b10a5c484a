"""From a folder of bundles to a pipeline that is verified and warm."""

import logging
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import faiss

from shortlist_bundle.diversity.settings import STRENGTHS
from shortlist_bundle.errors import BundleError
from shortlist_bundle.exploration.settings import STRENGTHS as EXPLORATIONS
from shortlist_bundle.files import MOST_HASHED, aliases_of, open_bundle
from shortlist_bundle.golden import replay
from shortlist_bundle.knowledge.degrees import warm_up
from shortlist_bundle.packing import unpack_model
from shortlist_server.errors import BundleRefused
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.pipeline.request import DiversityRequest, ExplorationRequest, RecommendRequest

log = logging.getLogger(__name__)

WARM_UPS = 3


def load_pipeline(
    bundles: Path, model: str, version: str, clock: ClockPolicy, *, verify: bool = True, hashing: int = MOST_HASHED
) -> Pipeline:
    """Read a bundle, replay its golden requests, and answer a few requests so that the first caller need not wait.

    Args:
        bundles: folder of bundles.
        model: name of the model.
        version: a version, or an alias.
        clock: what 'now' is for a request that does not say.
        verify: whether to replay the golden requests.
        hashing: files that are hashed at the same time, at most.

    Raises:
        BundleError: The bundle does not exist, is damaged, or is not of a format that this release serves.
        BundleRefused: It answers its golden requests differently.
    """
    from threadpoolctl import threadpool_limits

    # One request is one thread's work: more would fight over the cores with other requests.
    faiss.omp_set_num_threads(1)
    threadpool_limits(limits=1)
    # Mapped: the workers of a machine share what the bundle holds.
    opened = open_bundle(bundles, model, version, mmap=True, hashing=hashing)
    served = unpack_model(opened)
    if verify:
        report = replay(opened, served)
        if not report.passed:
            raise BundleRefused.by_golden(report.lines)
    written: Any = opened.report("written")
    pipeline = Pipeline(
        served,
        name=model,
        version=opened.ref.version,
        bundle_id=opened.ref.bundle_id,
        clock=clock,
        created=datetime.fromisoformat(written["created"]).timestamp(),
        aliases=partial(_aliases, bundles, model, opened.ref.version),
    )
    for row in range(min(WARM_UPS, len(served.customers))):
        # With reasons, whose loops are compiled too: nobody's first question is to wait for that.
        pipeline.recommend([RecommendRequest(customer_id=served.customers.id(row) or None, k=1, explain=True)])
    # Methods that the bundle cannot serve are refused, and need no warmth.
    for method in STRENGTHS:
        diversity = DiversityRequest(method=method, serendipity=0.5)
        pipeline.recommend([RecommendRequest(k=1, diversity=diversity)])
    for policy in EXPLORATIONS:
        pipeline.recommend([RecommendRequest(k=1, exploration=ExplorationRequest(policy=policy))])
    warm_up()
    return pipeline


def _aliases(bundles: Path, model: str, version: str) -> tuple[str, ...]:
    """Return the aliases that point to the version now; none where the folder cannot be read any more."""
    try:
        return aliases_of(bundles, model, version)
    except (BundleError, OSError) as error:
        # What serves is in memory: a folder that is gone or damaged must not fail a description of it.
        log.warning("the aliases of model %s cannot be read: %s", model, error)
        return ()
