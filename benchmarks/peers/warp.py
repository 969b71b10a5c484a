"""Factorisation by a ranking loss, by LightFM."""

import numpy as np
from lightfm import LightFM

from benchmarks.peers.lists import Fitted, Scored
from benchmarks.peers.task import Task


def lightfm_warp(task: Task, seed: int) -> Fitted:
    """Fit LightFM (Kula 2015, https://arxiv.org/abs/1507.08439) with the WARP loss, without features.

    WARP: Weston, Bengio and Usunier 2011, "WSABIE". Settings: 30 components and 30 epochs, the size of the library's
    examples; its learning rate of 0.05 with AdaGrad; one thread, so that a seed gives the same lists twice.
    """
    model = LightFM(no_components=30, loss="warp", random_state=seed)
    model.fit(task.matrix.tocoo(), epochs=30, num_threads=1)
    biases, items = model.get_item_representations()
    _, customers = model.get_user_representations()
    return Scored(task, lambda rows: np.asarray(customers[rows] @ items.T + biases))
