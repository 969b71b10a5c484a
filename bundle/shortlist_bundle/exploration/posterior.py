"""What is known of the weights of a linear head: a Gaussian, kept as precision and vector, updated exactly.

The reward of a pair with features x is taken as x . w plus noise of a known variance, and w has a Gaussian prior:
Bayesian linear regression (Bishop 2006, section 3.3), as Thompson sampling (Agrawal and Goyal 2013,
https://arxiv.org/abs/1209.3352) and LinUCB (Li et al. 2010, https://arxiv.org/abs/1003.0146) use it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, solve_triangular

from shortlist_bundle.exploration.cholesky import cholesky_updated

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Posterior:
    """A Gaussian over F weights, with the mean `precision^-1 vector` and the covariance `precision^-1`.

    Attributes:
        precision: float64 [F, F], symmetric and positive definite.
        vector: float64 [F].
        factor: float64 [F, F], the lower Cholesky factor of the precision.
        mean: float64 [F].
        noise: variance of a reward around its expectation, above 0.
        rewards: how many it has learnt from.
    """

    precision: Matrix
    vector: Vector
    factor: Matrix
    mean: Vector
    noise: float
    rewards: int = 0

    @classmethod
    def of(cls, precision: Matrix, vector: Vector, *, noise: float, rewards: int = 0) -> "Posterior":
        """Return the posterior with this precision and vector, as a bundle keeps them.

        Raises:
            ValueError: The parts do not fit each other, or the precision is not positive definite.
        """
        precision, vector = np.asarray(precision, np.float64), np.asarray(vector, np.float64)
        if precision.shape != (len(vector), len(vector)) or not noise > 0:
            raise ValueError(f"a precision of shape {precision.shape}, {len(vector)} weights and the noise {noise}")
        try:
            factor: Matrix = np.linalg.cholesky(precision).astype(np.float64)
        except np.linalg.LinAlgError as error:
            raise ValueError("the precision of a posterior is not positive definite") from error
        mean = cho_solve((factor, True), vector)
        return cls(precision=precision, vector=vector, factor=factor, mean=mean, noise=noise, rewards=rewards)

    @classmethod
    def prior(cls, mean: Vector, deviations: Vector, *, noise: float) -> "Posterior":
        """Return what is known before any reward: independent weights, float64 [F], deviations above 0."""
        precision = 1.0 / np.square(deviations)
        return cls.of(np.diag(precision), precision * mean, noise=noise)

    def deviations(self, features: Matrix) -> Vector:
        """Return the deviation of the expected reward of each row of features, float64 [K, F] -> [K]."""
        return np.linalg.norm(solve_triangular(self.factor, features.T, lower=True), axis=0)

    def draws(self, count: int, temperature: float, generator: np.random.Generator) -> Matrix:
        """Draw weights, float64 [count, F], with deviations multiplied by a temperature."""
        noise = generator.standard_normal((len(self.mean), count))
        return self.mean + temperature * solve_triangular(self.factor, noise, lower=True, trans="T").T


def updated(posterior: Posterior, features: Vector, reward: float) -> Posterior:
    """Return what is known after one more reward; the posterior given stays as it is.

    Exact, and in F^2 steps: `A + x xt / s2` and `b + r x / s2`, with the Cholesky factor of A updated beside it. In
    which order rewards come does not matter.

    Args:
        posterior: of F weights.
        features: float64 [F], of the pair that was shown; see `head`.
        reward: what came of it, e.g. 1 for taken and 0 for not.

    Raises:
        ValueError: The features are not F finite numbers, or the reward is not finite.
    """
    features = np.asarray(features, np.float64)
    if features.shape != posterior.mean.shape or not np.isfinite(features).all() or not np.isfinite(reward):
        raise ValueError(f"needs {len(posterior.mean)} finite features and a finite reward")
    factor = cholesky_updated(posterior.factor, features / np.sqrt(posterior.noise))
    vector = posterior.vector + reward / posterior.noise * features
    return Posterior(
        precision=posterior.precision + np.outer(features, features) / posterior.noise,
        vector=vector,
        factor=factor,
        mean=cho_solve((factor, True), vector),
        noise=posterior.noise,
        rewards=posterior.rewards + 1,
    )
