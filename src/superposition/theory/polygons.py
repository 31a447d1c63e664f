"""Regular polygons in two dimensions when at most one feature is ever active.

k equally important features lie evenly around a circle, all with norm² R and bias b ≤ 0 (a positive
bias costs on empty samples, which are nearly all). Each adds to L_1 (see `expansion`)

    ∫ (x − ReLU(R x + b))² dx + Σ_{j≠i} ∫ ReLU(R cos(2π (i − j)/k) x + b)² dx,  x over [0, 1].

With t = −b/R the ReLU's argument is R (x − t), so that this is 1/3 − 2 R p(t) + R² q(t), and the
best R is p/q; one number, t, is left to search. A pentagon's vertices come out longer than 1, with
a negative bias that hides part of the interference (paper: #geometry-perturb). Losses are sums over
features.
"""

from dataclasses import dataclass

import numpy as np

from superposition.exact import cos_of_turns
from superposition.theory.search import lowest_point

IGNORED = 1.0 / 3.0
"""What a feature without weights and bias adds to L_1: the mean of x²."""


@dataclass(frozen=True)
class Polygon:
    """The best regular polygon of k features."""

    k: int
    """Number of vertices."""
    norm_squared: float
    """R = ‖W_i‖²."""
    bias: float
    """b, of every feature."""
    loss_per_feature: float
    """What each feature adds to L_1."""

    @property
    def gain(self) -> float:
        """By how much the k features together change L_1 from that of ignoring them."""
        return self.k * (self.loss_per_feature - IGNORED)


def best_polygon(k: int) -> Polygon:
    """Return norm and bias of the k-gon with the lowest L_1, for k ≥ 3."""
    cosine = cos_of_turns(np.arange(k) / k)
    cosine = cosine[cosine > 1e-12]  # the others never lift an output above a bias ≤ 0

    def loss(t: np.ndarray) -> np.ndarray:
        p, q = _moments(t, cosine)
        value: np.ndarray = IGNORED - p**2 / q
        return value

    t = lowest_point(loss, 0.0, 0.99, (1,))  # at t = 1 both moments are 0
    p, q = _moments(t, cosine)
    R = p / q
    return Polygon(k, float(R[0]), float(-t[0] * R[0]), float(loss(t)[0]))


def _moments(t: np.ndarray, cosine: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return p = ∫ x ReLU(x − t) dx and q = Σ_c ∫ ReLU(c x − t)² dx over [0, 1], for t in [0, 1).

    The first c is 1, the feature itself.
    """
    p = 1.0 / 3.0 - t / 2.0 + t**3 / 6.0
    lifted = np.maximum(cosine - t[..., None], 0.0) ** 3 / (3.0 * cosine)
    return p, lifted.sum(axis=-1)
