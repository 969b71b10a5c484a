"""What a swap of bundles costs those who call meanwhile: latency with and without swaps, and memory after them.

    python benchmarks/swaps.py --bundles FOLDER --versions V1,V2 [--seconds 12] [--swaps 4] [--share 0.5] [--known]

Requests arrive at random at a share of the capacity, and latency counts from the moment a request was due. While they
arrive the alias `stable` moves between two versions; the first move to each is checked in a child process, which takes
processor time of its own: `--known` leaves that out.
"""

import argparse
import json
import threading
import time
from dataclasses import replace
from pathlib import Path

from shortlist_bench.callers import Load, call
from shortlist_bench.floor import METHOD
from shortlist_bench.open_loop import arrive
from shortlist_bench.processor import resident_megabytes
from shortlist_bench.questions import Question, read_model, requests_of
from shortlist_bench.servers import shortlist_server
from shortlist_bundle.files import promote, read_audit


def measure(
    bundles: Path, versions: list[str], *, seconds: float, swaps: int, share: float, workers: int, known: bool
) -> dict:
    promote(bundles, "default", versions[0])
    requests = requests_of(read_model(bundles), Question())
    with shortlist_server(bundles, "--workers", str(workers)) as server:
        load = Load(address=server.address, method=METHOD, requests=requests, callers=8, seconds=2.0)
        call(load)
        capacity = call(load).qps
        load = replace(load, seconds=seconds)
        before = [resident_megabytes(pid) for pid in server.pids]
        steady = arrive(load, share * capacity)
        if known:
            _move(bundles, versions, 2, 0.0, server.pids, [])
        memory: list[list[float]] = []
        mover = threading.Thread(target=_move, args=(bundles, versions, swaps, seconds / swaps, server.pids, memory))
        mover.start()
        swapped = arrive(load, share * capacity, seed=1)
        mover.join()
        time.sleep(2.0)
        after = [resident_megabytes(pid) for pid in server.pids]
    served = [entry for entry in read_audit(bundles, "default").entries if entry["event"] == "serve"]
    return {
        "capacity_qps": capacity,
        "rate": share * capacity,
        "steady": steady.latency_ms,
        "swapped": swapped.latency_ms,
        "refused": {**steady.refused, **swapped.refused},
        "p99_ratio": swapped.latency_ms["p99"] / steady.latency_ms["p99"],
        "swaps": len(served[-swaps * workers :]),
        "swap_seconds": [entry["seconds"] for entry in served[-swaps * workers :]],
        "resident_mb": {"before": before, "after_2": memory[1] if len(memory) > 1 else None, "after": after},
    }


def _move(
    bundles: Path, versions: list[str], swaps: int, pause: float, pids: list[int], memory: list[list[float]]
) -> None:
    """Move the alias, each time once the workers have followed, and note their memory before the next move."""
    for number in range(swaps):
        done = _served(bundles)
        promote(bundles, "default", versions[(number + 1) % len(versions)])
        due = time.monotonic() + pause
        while _served(bundles) < done + len(pids) or time.monotonic() < due:
            time.sleep(0.05)
        memory.append([resident_megabytes(pid) for pid in pids])


def _served(bundles: Path) -> int:
    return sum(entry["event"] == "serve" for entry in read_audit(bundles, "default").entries)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundles", type=Path, required=True)
    parser.add_argument("--versions", required=True)
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--swaps", type=int, default=4)
    parser.add_argument("--share", type=float, default=0.5)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--known", action="store_true", help="Let both versions be checked before anything is timed.")
    asked = vars(parser.parse_args())
    print(json.dumps(measure(asked.pop("bundles"), asked.pop("versions").split(","), **asked), indent=2))
