"""Losses, each written once."""

import tensorflow as tf

NEVER = -1e9


def softmax_over_catalogue(logits: tf.Tensor, targets: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """Cross-entropy of each target against the whole catalogue, weighted mean.

    Args:
        logits: float32 [B, N + 1]; column 0 (nobody) must already be `NEVER`.
        targets: int32 [B, T], item rows.
        weights: float32 [B, T], 0 for padding.
    """
    normaliser = tf.reduce_logsumexp(logits, axis=1)
    positive = tf.gather(logits, targets, axis=1, batch_dims=1)
    return tf.math.divide_no_nan(tf.reduce_sum(weights * (normaliser[:, None] - positive)), tf.reduce_sum(weights))


def sampled_softmax(
    positive: tf.Tensor,
    sampled: tf.Tensor,
    *,
    targets: tf.Tensor,
    weights: tf.Tensor,
    sampled_rows: tf.Tensor,
    log_expected: tf.Tensor,
) -> tf.Tensor:
    """Cross-entropy of each target against sampled items, corrected for how often an item is sampled.

    Bengio and Senecal 2008, "Adaptive importance sampling to accelerate training of a neural probabilistic language
    model", https://doi.org/10.1109/TNN.2007.912312. An accidental hit, a sampled item that is one of the example's
    own targets, counts for nothing.

    Args:
        positive: float32 [B, T], logits of the targets.
        sampled: float32 [B, S], logits of the sampled items.
        targets: int32 [B, T], item rows.
        weights: float32 [B, T], 0 for padding.
        sampled_rows: int32 [S], item rows of the samples.
        log_expected: float32 [S], log of how often each sampled item is expected among the samples.
    """
    corrected = tf.where(_hits(targets, sampled_rows), NEVER, sampled - log_expected[None, :])
    rest = tf.reduce_logsumexp(corrected, axis=1, keepdims=True)
    loss = tf.nn.softplus(rest - positive)
    return tf.math.divide_no_nan(tf.reduce_sum(weights * loss), tf.reduce_sum(weights))


def _hits(targets: tf.Tensor, sampled_rows: tf.Tensor) -> tf.Tensor:
    """Return which samples are among an example's targets, bool [B, S]."""
    batch, width = tf.shape(targets)[0], tf.shape(targets)[1]
    if targets.shape[1] == 1:
        return targets == sampled_rows[None, :]
    # Marking the targets in a table and reading it at the samples: T + S steps an example, not T times S.
    size = tf.maximum(tf.reduce_max(targets), tf.reduce_max(sampled_rows)) + 1
    owners = tf.repeat(tf.range(batch), width)
    marks = tf.ones([batch * width], tf.bool)
    places = tf.stack([owners, tf.reshape(targets, [-1])], axis=1)
    table = tf.tensor_scatter_nd_update(tf.zeros([batch, size], tf.bool), places, marks)
    return tf.gather(table, sampled_rows, axis=1)


def listwise_softmax(logits: tf.Tensor, labels: tf.Tensor, present: tf.Tensor) -> tf.Tensor:
    """Cross-entropy of a list's labels against the softmax over the list, mean over lists with a label.

    Cao et al. 2007, "Learning to rank: from pairwise approach to listwise approach",
    https://doi.org/10.1145/1273496.1273513

    Args:
        logits: float32 [B, K].
        labels: float32 [B, K], 0 or 1.
        present: float32 [B, K], 1 for a candidate, 0 for padding.
    """
    log_share = tf.nn.log_softmax(tf.where(present > 0, logits, NEVER), axis=1)
    mass = tf.reduce_sum(labels, axis=1)
    # The root keeps customers with a hundred targets from drowning those with one, without ignoring them.
    per_list = -tf.reduce_sum(labels * log_share * present, axis=1) / tf.sqrt(tf.maximum(mass, 1.0))
    return tf.math.divide_no_nan(tf.reduce_sum(per_list), tf.reduce_sum(tf.cast(mass > 0, tf.float32)))


def pointwise_cross_entropy(logits: tf.Tensor, labels: tf.Tensor, present: tf.Tensor) -> tf.Tensor:
    """Binary cross-entropy per candidate, mean over candidates; keeps the logits on a probability's scale.

    Args:
        logits: float32 [B, K].
        labels: float32 [B, K], 0 or 1.
        present: float32 [B, K], 1 for a candidate, 0 for padding.
    """
    loss = tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)
    return tf.reduce_sum(loss * present) / tf.maximum(tf.reduce_sum(present), 1.0)


def bayesian_personalised_ranking(positive: tf.Tensor, negative: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """Log-loss of ranking what was taken above what was not, weighted mean.

    Rendle et al. 2009, "BPR: Bayesian personalized ranking from implicit feedback", https://arxiv.org/abs/1205.2618

    Args:
        positive: float32 [B], logits of taken items.
        negative: float32 [B, S], logits of sampled items.
        weights: float32 [B].
    """
    loss = tf.reduce_mean(tf.nn.softplus(negative - positive[:, None]), axis=1)
    return tf.math.divide_no_nan(tf.reduce_sum(weights * loss), tf.reduce_sum(weights))
