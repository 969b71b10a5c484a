"""What is known of the weights of a linear head: a Gaussian, kept as precision and vector, to which rewards are added.

The reward of a pair with features x is taken as x . w plus noise of a known variance, and w has a Gaussian prior:
Bayesian linear regression (Bishop 2006, section 3.3), as Thompson sampling (Agrawal and Goyal 2013,
https://arxiv.org/abs/1209.3352) and LinUCB (Li et al. 2010, https://arxiv.org/abs/1003.0146) use it. Each pair adds
`x xt / s2` to the precision and `r x / s2` to the vector, in any order: see `shortlist_bundle.live.learning`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, solve_triangular

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
