"""Settings of the models. Every default is meant to be good without tuning; `None` means: find out from the data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingConfig:
    """The `[embedding]` section: customers and items in one space, inner product; ranking on implicit feedback.

    Attributes:
        objective: "least_squares" (a linear autoencoder of low rank, fitted to the whole log in closed form), or
            "sampled_softmax" or "bpr" (an embedding for each customer and item, trained step by step).
        embedding_size: width of the vectors; None: tuned for least squares, 64 otherwise.
        learning_rate: of Adam; like the settings below, for the objectives that are trained step by step.
        batch_size: interactions per step.
        negatives: sampled items per step (softmax) or per interaction (BPR).
        rounds: at most so many passes; early stopping may end sooner.
        weight_decay: L2 penalty on the vectors an interaction uses.
    """

    objective: str = "least_squares"
    embedding_size: int | None = None
    learning_rate: float = 0.01
    batch_size: int = 4096
    negatives: int = 1024
    rounds: int = 12
    weight_decay: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoTowerConfig:
    """The `[two_tower]` section: the retrieval model.

    Attributes:
        embedding_size: width of the vectors; None: 64, or 128 for a large log where a short race says that it pays.
        history_length: newest events that the customer tower reads.
        history_heads: ways of pooling them.
        temperature: of the softmax over unit vectors; None: the best of a few in a short race on the tuning window.
        learning_rate: of Adam at the start; it falls along a cosine.
        refit_learning_rate: the same for the refits, which only take in what is new.
        batch_size: customers-at-a-moment per step.
        targets: at most so many of the next events are asked of one example.
        repeat_weight: weight of a target that the customer has taken before; the own past proposes those anyway.
        customer_id_dropout, item_id_dropout: share of ids hidden in training, so that unknown ones work.
        history_dropout: share of history items hidden in training.
        context: columns of the interactions that requests will send along, such as the device or the shop. None by
            default: most columns of a log are only known afterwards (what was paid, how long it was watched), and
            learning from those teaches what no request can say.
        context_dropout: share of contexts hidden in training, so that requests without one work.
        full_softmax_items: up to so many items the loss runs over the whole catalogue; above, over samples.
        negatives: uniform samples per step, beside the batch's own targets, when sampling.
        rounds: at most so many rounds; early stopping may end sooner.
        examples_per_round: so many examples make a round; of a small log, at most eight passes over it.
        largest_round: of a large log half its moments make a round, up to so many examples.
        refit_rounds: rounds of continued training when the window after the fit joins the log.
    """

    embedding_size: int | None = None
    history_length: int = 100
    history_heads: int = 4
    temperature: float | None = None
    learning_rate: float = 0.003
    refit_learning_rate: float = 0.001
    batch_size: int = 512
    targets: int = 16
    repeat_weight: float = 0.1
    customer_id_dropout: float = 0.5
    item_id_dropout: float = 0.1
    history_dropout: float = 0.0
    context: tuple[str, ...] = ()
    context_dropout: float = 0.2
    full_softmax_items: int = 20_000
    negatives: int = 4096
    rounds: int = 5
    examples_per_round: int = 100_000
    largest_round: int = 500_000
    refit_rounds: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorerConfig:
    """The `[scorer]` section: the MLP that reranks the merged shortlist.

    Attributes:
        hidden: widths of the hidden layers.
        members: so many such MLPs are trained side by side, and their scores averaged.
        feature_size: embedding width of each categorical feature.
        encodings: whether it reads the two-tower's encodings besides the signals.
        loss: "listwise" (softmax over the list plus a share of cross-entropy) or "cross_entropy".
        cross_entropy_share: weight of the cross-entropy beside the listwise loss.
        learning_rate: of Adam.
        batch_size: lists per step.
        dropout: share of hidden units dropped in training.
        rounds: at most so many passes; early stopping may end sooner.
        budget: candidates that are reranked for one list.
        strangers: share of the customers whose list is learnt a second time as a stranger's, who brings few items of
            history or none; so that somebody nobody has seen gets a good list too.
    """

    hidden: tuple[int, ...] = (64, 32)
    members: int = 3
    feature_size: int = 8
    encodings: bool = True
    loss: str = "listwise"
    cross_entropy_share: float = 1.0
    learning_rate: float = 0.002
    batch_size: int = 32
    dropout: float = 0.1
    rounds: int = 30
    budget: int = 200
    strangers: float = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingsConfig:
    """The `[ratings]` section: predicted ratings, wherever the log has ratings.

    Attributes:
        model: "embedding" (ids), "scorer" (an MLP over features), "two_tower" (the joined form: two towers through
            further layers, sigmoid); None: "scorer" if customers or items have features and the log is dense, else
            "embedding".
        loss: "squared_error", or "cross_entropy" for yes/no answers; None: by whether the ratings are all 0 or 1.
        embedding_size: width of the embeddings of ids.
        hidden: hidden layers of the scorer.
        units: width of each tower and joint layer of the joined two-tower.
        learning_rate: of Adam.
        weight_decay: L2 penalty on the embeddings an interaction uses.
        epochs: passes over the ratings; with early stopping where the log is large enough, exactly so many otherwise.
        batch_size: ratings per step.
        held_out: share of ratings held out for the report.
    """

    model: str | None = None
    loss: str | None = None
    embedding_size: int = 32
    hidden: tuple[int, ...] = (64, 32)
    units: int = 32
    learning_rate: float = 0.003
    weight_decay: float = 0.02
    epochs: int = 30
    batch_size: int = 256
    held_out: float = 0.1
