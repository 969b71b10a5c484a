"""What keeping a tenth of the lists costs an answer, in one process: with and without in turns of a few answers.

`python benchmarks/impressions.py BUNDLES [RATE]` makes lists of 50, writes them as replies, and offers them to the
sampling or does not, while the thread that writes them runs as it does in a server. Two servers side by side differ by
more than what is asked for, because a shared machine gives the same work 10 or 20 % more processor time from one second
to the next; turns of a few milliseconds in one process have the same luck. Whatever the transport costs comes on top of
an answer here, so the share that is printed is too large rather than too small.
"""

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, median, stdev

from shortlist_bundle.files import open_bundle
from shortlist_bundle.packing import unpack_model
from shortlist_server.impressions.sampling import Sampling
from shortlist_server.impressions.writing import Writing
from shortlist_server.pipeline.clock import ClockPolicy
from shortlist_server.pipeline.pipeline import Pipeline
from shortlist_server.pipeline.request import RecommendRequest
from shortlist_server.wire.replies import write_bundle, write_recommendations

TURN, SECONDS, PARTS, LENGTH = 20, 24.0, 8, 50
"""Answers of a turn; seconds altogether; parts of them that are judged apart, for the spread."""


def answered(pipeline: Pipeline, requests: Sequence[RecommendRequest], sampling: Sampling | None) -> float:
    """Answer and return the processor milliseconds of this thread for one answer."""
    begun = time.thread_time()
    for request in requests:
        (answer,) = pipeline.recommend([request])
        reply = write_recommendations(answer, write_bundle(pipeline), include_timings=False)
        reply.SerializeToString()
        if sampling is not None:
            sampling.offer(reply.impression_id, request, answer, pipeline)
    return 1000 * (time.thread_time() - begun) / len(requests)


def part(pipeline: Pipeline, requests: Sequence[RecommendRequest], rate: float) -> tuple[float, float, float]:
    """Return the milliseconds of an answer, what offering adds to it, and what the writing thread takes for it."""
    plain, more, turn = [], [], 0
    with tempfile.TemporaryDirectory() as folder:
        sampling = Sampling(rate)
        writing = Writing(Path(folder), sampling)
        clock = time.pthread_getcpuclockid(writing._thread.ident or 0)
        before, end = time.clock_gettime(clock), time.monotonic() + SECONDS / PARTS
        while time.monotonic() < end:
            start = turn * TURN % (len(requests) - TURN)
            own = requests[start : start + TURN]
            both = [answered(pipeline, own, sampling if (turn + arm) % 2 else None) for arm in range(2)]
            plain.append(both[turn % 2])
            more.append(both[1 - turn % 2] - both[turn % 2])
            turn += 1
        time.sleep(0.6)
        written = 1000 * (time.clock_gettime(clock) - before) / (turn * TURN)
        writing.close()
    return median(plain), median(more), written


def main(bundles: str, rate: float) -> None:
    model = unpack_model(open_bundle(Path(bundles), "default", "stable"))
    pipeline = Pipeline(model, name="m", version="v", bundle_id="b", clock=ClockPolicy.LOG_END)
    count = min(len(model.customers) - 1, 500)
    requests = [RecommendRequest(customer_id=model.customers.id(row), k=LENGTH) for row in range(1, count + 1)]
    answered(pipeline, requests, None)
    parts = [part(pipeline, requests, rate) for _ in range(PARTS)]
    answer = median(own for own, _, _ in parts)
    shares = [100 * (more + written) / answer for _, more, written in parts]
    print(f"an answer without transport: {answer:.3f} ms")
    print(f"offering: {1000 * median(more for _, more, _ in parts):+.1f} us an answer")
    print(f"writing: {1000 * median(written for _, _, written in parts):.1f} us an answer")
    spread = stdev(shares)
    print(f"together: {mean(shares):.2f} % of it, from {min(shares):.2f} to {max(shares):.2f}, sd {spread:.2f}")


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 0.1)
