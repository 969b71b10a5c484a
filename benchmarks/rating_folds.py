"""RMSE and MAE of predicted ratings over five folds.

    python benchmarks/rating_folds.py --data DIR [--folds 5] [--seed 0]

Every rating is predicted once, by the default rating model fitted on the other folds. The number of epochs is chosen
on a tenth of the ratings learnt from, never on the fold that is judged.
"""

import argparse
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def main() -> None:
    """Run the folds."""
    from shortlist_training.config.run import RunConfig
    from shortlist_training.dataset.build import build_dataset
    from shortlist_training.fitting.ratings import rated_pairs
    from shortlist_training.log import read_log
    from shortlist_training.progress import Silent
    from shortlist_training.run import seed_everything
    from shortlist_training.stages.ratings import fit_ratings, rating_errors

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    config = RunConfig(seed=given.seed)
    seed_everything(config)
    log = read_log(given.data)
    dataset = build_dataset(log, seed=given.seed)
    pairs = rated_pairs(dataset)
    fold_of = np.random.default_rng(given.seed).permutation(len(pairs)) % given.folds
    rated = np.flatnonzero(~np.isnan(dataset.ratings) & (dataset.events.items > 0))
    figures = []
    for fold in range(given.folds):
        ratings = dataset.ratings.copy()
        ratings[rated[fold_of == fold]] = np.nan
        fitted = fit_ratings(replace(dataset, ratings=ratings), log.rating_scale, config, Silent(), dense=False)
        judged = rating_errors(fitted.model, dataset, pairs.take(np.flatnonzero(fold_of == fold)))
        figures.append(judged)
        print(json.dumps({"fold": fold, **judged, "epochs": fitted.figures["epochs"]}), flush=True)
    for name in ("rmse", "mae"):
        values = np.array([figure[name] for figure in figures])
        print(f"{name}: {values.mean():.4f} (standard error over folds {values.std(ddof=1) / len(values) ** 0.5:.4f})")


if __name__ == "__main__":
    main()
