"""LightGCN and MultVAE, by RecBole."""

import logging
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from recbole.config import Config
from recbole.data import create_dataset, data_preparation
from recbole.data.interaction import Interaction
from recbole.utils import get_model, get_trainer, init_seed
from scipy.sparse import dok_matrix

from benchmarks.peers.lists import Fitted, Scored
from benchmarks.peers.task import Ints, Task

if not hasattr(dok_matrix, "_update"):
    # RecBole 1.2.1 fills its graph by a method that SciPy 1.13 took away.
    dok_matrix._update = lambda matrix, cells: matrix._dict.update(cells)

SETTINGS: dict[str, Any] = {
    "load_col": {"inter": ["user_id", "item_id"]},
    "eval_args": {"split": {"RS": [0.9, 0.1, 0.0]}, "group_by": "user", "order": "RO", "mode": "full"},
    "metrics": ["NDCG"],
    "topk": 10,
    "valid_metric": "NDCG@10",
    "use_gpu": False,
    "show_progress": False,
    "reproducibility": True,
    "save_dataset": False,
}


def lightgcn(task: Task, seed: int) -> Fitted:
    """Fit LightGCN (He et al. 2020, https://arxiv.org/abs/2002.02126).

    Settings: the library's (64 factors, 2 layers, penalty 1e-5, learning rate 0.001, batches of 2,048, at most 300
    epochs), stopping when 10 epochs bring nothing on a tenth of each customer's items, cut off from the log at random.
    """
    return _fitted("LightGCN", task, seed, {})


def multvae(task: Task, seed: int) -> Fitted:
    """Fit Mult-VAE (Liang et al. 2018, https://arxiv.org/abs/1802.05814).

    Settings: the library's (one hidden layer of 600, 128 latent, dropout 0.5, learning rate 0.001, at most 300 epochs),
    stopping as `lightgcn` does. Its batches are of 500 customers, as in the paper.
    """
    return _fitted("MultiVAE", task, seed, {"train_neg_sample_args": None, "train_batch_size": 500})


def _fitted(name: str, task: Task, seed: int, settings: dict[str, Any]) -> Fitted:
    with tempfile.TemporaryDirectory() as folder:
        _write(task, Path(folder) / "task")
        places = {"data_path": folder, "checkpoint_dir": folder, "seed": seed}
        config = Config(model=name, dataset="task", config_dict={**SETTINGS, **settings, **places})
        logging.getLogger().setLevel(logging.WARNING)
        init_seed(seed, reproducibility=True)
        dataset = create_dataset(config)
        learning, tuning, _ = data_preparation(config, dataset)
        model = get_model(name)(config, learning.dataset).to("cpu")
        trainer = get_trainer(config["MODEL_TYPE"], name)(config, model)
        trainer.fit(learning, tuning, saved=True, show_progress=False)
        # The checkpoint was written a moment ago by this very process.
        best = torch.load(trainer.saved_model_file, map_location="cpu", weights_only=False)
    model.load_state_dict(best["state_dict"])
    model.load_other_parameter(best.get("other_parameter"))
    model.eval()
    return Scored(task, lambda rows: _scores(task, model, dataset, rows))


def _scores(task: Task, model: Any, dataset: Any, rows: Ints) -> NDArray[np.float64]:
    """Return scores in the task's rows; customers and items that the library never saw get none."""
    users, items = dataset.field2token_id["user_id"], dataset.field2token_id["item_id"]
    known = np.array([str(row) in users for row in rows])
    scores = np.full((len(rows), len(task.items)), -np.inf)
    if known.any():
        asked = Interaction({"user_id": torch.tensor([users[str(row)] for row in rows[known]])})
        with torch.no_grad():
            found = model.full_sort_predict(asked).reshape(int(known.sum()), -1).numpy()
        rows_of = np.array([int(token) for token in items if token != "[PAD]"])
        columns = np.array([items[str(row)] for row in rows_of])
        scores[np.ix_(known, rows_of)] = found[:, columns]
    return scores


def _write(task: Task, folder: Path) -> None:
    """Write the log as the library reads it, each pair once."""
    pairs = task.matrix.tocoo()
    folder.mkdir()
    table = pd.DataFrame({"user_id:token": pairs.row, "item_id:token": pairs.col})
    table.to_csv(folder / "task.inter", sep="\t", index=False)
