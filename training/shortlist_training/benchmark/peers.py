"""The peers: programs of this project outside its packages, one process for each run."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from shortlist_training.benchmark.child import run_child
from shortlist_training.benchmark.methods import Method
from shortlist_training.benchmark.produced import Produced
from shortlist_training.benchmark.task import BenchmarkTask
from shortlist_training.errors import BenchmarkError

CHECKOUT = Path(__file__).parents[3]
"""The project's folder, where the program runs from a checkout of it."""
MODULE = "benchmarks.peers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """Where the peers are, and what runs them.

    Attributes:
        folder: that has `benchmarks/peers`.
        python: the interpreter that runs them; it may be another environment's.
        known: name -> whether it is seeded.
        minutes: after which one is ended; None: never.
    """

    folder: Path
    python: str
    known: Mapping[str, bool]
    minutes: float | None = None

    @classmethod
    def find(
        cls, out: Path, *, folder: Path = CHECKOUT, python: str | None = None, minutes: float | None = None
    ) -> Self:
        """Ask the peers for their names; where the program is installed without the project's folder there are none."""
        # Of a virtual environment the link counts, not what it leads to.
        python = str(Path(python).absolute()) if python else sys.executable
        if not (folder / "benchmarks" / "peers").is_dir():
            return cls(folder=folder, python=python, known={}, minutes=minutes)
        took = run_child([python, "-m", MODULE, "--list"], out / "peers.log", environment=_found_in(folder))
        known = {name: bool(about["seeded"]) for name, about in json.loads(took.output).items()}
        return cls(folder=folder, python=python, known=known, minutes=minutes)

    def produce(self, method: Method, task: BenchmarkTask, seed: int, parts: Sequence[str], lists: Path) -> Produced:
        """Fit a peer and write its lists of some parts into a folder; it is shown `data/` and nothing else.

        Raises:
            BenchmarkError: It cannot be run here, or it failed.
        """
        wanted, lists = {part: task.parts[part] for part in parts}, lists.resolve()
        run_child(
            [
                self.python, "-m", MODULE, method.name, "--data", str(task.data), "--parts", json.dumps(wanted),
                "--k", str(task.k), "--seed", str(seed), "--out", str(lists),
            ],
            lists / "fit.log",
            minutes=self.minutes,
            environment=_found_in(self.folder),
            # Some libraries leave folders of their own where they run.
            folder=lists,
        )  # fmt: skip
        try:
            took = json.loads((lists / "fit.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as problem:
            raise BenchmarkError(f"{method.name} ended well, but left no fit.json ({problem})") from None
        return Produced(
            lists={part: lists / f"{part}.parquet" for part in parts},
            training_seconds=took["fit_seconds"],
            listing_seconds=took["list_seconds"],
            memory=took["peak_memory_mb"],
            versions=took["versions"],
        )


def _found_in(folder: Path) -> dict[str, str]:
    paths = [str(folder), os.environ.get("PYTHONPATH", "")]
    return {"PYTHONPATH": os.pathsep.join(path for path in paths if path)}
