"""The three questions, asked over gRPC, and how long the answers took."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Generic, TypeVar

from shortlist_client import Client, Profile, Recommendations, SimilarItems, Unsupported
from shortlist_training.demo.cast import Cast

Answer = TypeVar("Answer")
K = 10
REPEATS = 20
PATIENCE = 30.0
"""Seconds a call may take: a demo on a busy machine is slow, not wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed(Generic[Answer]):
    """An answer, and the milliseconds from the call to its return: of the first call, and the median of the rest."""

    answer: Answer
    first: float
    median: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the server said; a bundle that only predicts ratings has no similar items."""

    customer: Timed[Recommendations]
    stranger: Timed[Recommendations]
    similar: Timed[SimilarItems] | None


def ask(address: str, cast: Cast) -> Answers:
    """Ask a server about everybody of the cast.

    Raises:
        CallError: The server cannot be reached, or refuses.
    """
    profile = Profile(features=cast.stranger.features, history=cast.stranger.items)
    with Client(address, timeout=PATIENCE) as shortlist:
        shortlist.wait_until_serving(timeout=PATIENCE)
        return Answers(
            customer=timed(lambda: shortlist.recommend(cast.customer, k=K, explain=True, include_timings=True)),
            stranger=timed(lambda: shortlist.recommend(profile=profile, k=K, explain=True, include_timings=True)),
            similar=_similar(shortlist, cast.seed),
        )


def timed(call: Callable[[], Answer]) -> Timed[Answer]:
    """Make a call once, and then some more times; the answer is the last one's."""
    first, answer = _once(call)
    times = []
    for _ in range(REPEATS):
        milliseconds, answer = _once(call)
        times.append(milliseconds)
    return Timed(answer=answer, first=first, median=median(times))


def _once(call: Callable[[], Answer]) -> tuple[float, Answer]:
    started = time.perf_counter()
    answer = call()
    return 1000.0 * (time.perf_counter() - started), answer


def _similar(shortlist: Client, seed: str) -> Timed[SimilarItems] | None:
    try:
        return timed(lambda: shortlist.similar_items(seed, k=K))
    except Unsupported:
        return None
