"""What is there to be ordered: recall by source and depth, what merging adds, and the best order there could be."""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shortlist_bundle.merge import Candidates, merge
from shortlist_training.benchmark.ablations.figures import whose
from shortlist_training.benchmark.ablations.files import DEPTHS, UNION
from shortlist_training.benchmark.ablations.material import JUDGED_SEED, Material
from shortlist_training.evaluation.engine_lists import fusion_order
from shortlist_training.evaluation.metrics import ranking_metrics
from shortlist_training.evaluation.targets import Targets
from shortlist_training.progress import Progress
from shortlist_training.reranking.lists import Lists, source_lists
from shortlist_training.stages.scorer import LIST_CUSTOMERS

Columns = dict[str, NDArray[np.float64]]


def source_figures(material: Material, progress: Progress) -> pl.DataFrame:
    """Return what the sources found for every judged customer, one row for each list.

    Returns:
        Columns of `figures.whose`; `recall:SOURCE@DEPTH` of each source's best items, and of those of all sources
        together, with their number as `size@DEPTH`; `alone:SOURCE`, the same of as many as a shortlist may have; of the
        merged shortlist `merged` (recall), `size`, `only:SOURCE` (recall of what one source alone proposed) and
        `places:SOURCE` (how many these are); at k the nDCG of its order by rank fusion, `fused`, and of the best order
        there could be, `perfect`.
    """
    frames = []
    with progress.stage("sources", len(material.judged)) as bar:
        for lists in material.judged:
            columns = {**_alone(lists, material), **_merged(lists, material)}
            frames.append(whose(lists, material).with_columns(**columns))
            bar.advance(1)
    return pl.concat(frames)


def _alone(lists: Lists, material: Material) -> Columns:
    budget = material.config.scorer.budget
    found, targets = source_lists(
        material.dataset, material.retriever, material.plan.judge, material.clock,
        seen_allowed=lists.seen_allowed, depth=max(*DEPTHS, budget), limit=LIST_CUSTOMERS, seed=JUDGED_SEED,
    )  # fmt: skip
    columns = {f"alone:{source}": _recall(items[:, :budget], targets) for source, items in found.items()}
    for depth in DEPTHS:
        for source, items in found.items():
            columns[f"recall:{source}@{depth}"] = _recall(items[:, :depth], targets)
        together = _union(found, depth)
        columns[f"recall:{UNION}@{depth}"] = _recall(together, targets)
        columns[f"size@{depth}"] = np.count_nonzero(together, axis=1).astype(np.float64)
    return columns


def _union(found: Mapping[str, NDArray[np.int32]], depth: int) -> NDArray[np.int32]:
    return merge([np.ascontiguousarray(items[:, :depth]) for items in found.values()]).items


def _merged(lists: Lists, material: Material) -> Columns:
    hits, present = lists.targets.hits(lists.items), lists.items > 0
    proposed = (lists.ranks >= 0) & present[..., None]
    single = proposed.sum(axis=2) == 1
    columns: Columns = {"merged": _share(hits, lists.targets), "size": present.sum(axis=1).astype(np.float64)}
    for n, source in enumerate(material.retriever.signals.sources):
        alone = single & proposed[..., n]
        columns[f"only:{source}"] = _share(hits & alone, lists.targets)
        columns[f"places:{source}"] = alone.sum(axis=1).astype(np.float64)
    perfect = np.take_along_axis(lists.items, np.argsort(~hits, axis=1, kind="stable"), axis=1)
    fused = fusion_order(Candidates(items=lists.items, ranks=lists.ranks))
    for name, items in (("perfect", perfect), ("fused", fused)):
        columns[name] = ranking_metrics(items[:, : material.k], lists.targets, (material.k,))[f"ndcg@{material.k}"]
    return columns


def _recall(items: NDArray[np.int32], targets: Targets) -> NDArray[np.float64]:
    return _share(targets.hits(items), targets)


def _share(hits: NDArray[np.bool_], targets: Targets) -> NDArray[np.float64]:
    share: NDArray[np.float64] = hits.sum(axis=1) / targets.sizes
    return share
