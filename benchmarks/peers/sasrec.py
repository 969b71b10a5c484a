"""SASRec, by RecTools."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from rectools import Columns
from rectools.dataset import Dataset
from rectools.models import SASRecModel

from benchmarks.peers.lists import NOBODY, Fitted
from benchmarks.peers.task import Ints, Task

EPOCHS = 30


def sasrec(task: Task, seed: int) -> Fitted:
    """Fit SASRec (Kang and McAuley 2018, https://arxiv.org/abs/1808.09781) with a softmax over the catalogue.

    Settings: the library's, which are 2 blocks, 4 heads, 256 factors, the newest 100 items, dropout 0.2, learning rate
    0.001 and batches of 128; 30 epochs, for its own 3 are those of an example.
    """
    task.moments()
    torch.manual_seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - the library draws from it
    model = SASRecModel(epochs=EPOCHS, deterministic=True, recommend_torch_device="cpu")
    dataset = _dataset(task)
    model.fit(dataset)
    return _Recommended(task, model, dataset)


@dataclass(frozen=True, slots=True)
class _Recommended:
    task: Task
    model: SASRecModel
    dataset: Dataset

    def lists(self, part: str) -> Ints:
        """See `Fitted.lists`."""
        table = self.model.recommend(
            users=np.arange(len(self.task.customers)),
            dataset=self.dataset,
            k=self.task.k,
            filter_viewed=not self.task.parts[part],
            on_unsupported_targets="ignore",
        )
        found = np.full((len(self.task.customers), self.task.k), NOBODY, np.int64)
        found[table[Columns.User].to_numpy(), table[Columns.Rank].to_numpy() - 1] = table[Columns.Item].to_numpy()
        return found


def _dataset(task: Task) -> Dataset:
    # The library sorts by time; a second apart each, events with equal times keep their order.
    order = pd.to_datetime(np.arange(len(task.owners)), unit="s")
    return Dataset.construct(
        pd.DataFrame(
            {Columns.User: task.owners, Columns.Item: task.taken, Columns.Weight: 1.0, Columns.Datetime: order}
        )
    )
