"""Solutions in two hidden dimensions: angles, orientation, and which polygon they are.

Angles are in degrees, counterclockwise from the first hidden dimension. Features that are not
represented have no direction to speak of: they are left out of every count and every gap.
"""

import numpy as np
from jaxtyping import Float, Int

from superposition.measure.elementary import degrees
from superposition.measure.geometry.shapes import polygon_name
from superposition.measure.metrics import ANTIPODAL, cosines, is_represented, norms

AT_ZERO = 0.3
"""A feature is at zero if ‖W_i‖ is below this."""
GAP_TOLERANCE = 1 / 3
"""A polygon of k has every gap within this part of 360° / k.

Wide enough for a pentagon with one feature five times sparser than the others (gaps of 61° and 79°
were seen), and narrow enough that, for k of five and more, a regular polygon of k − 1 with one more
feature in the middle of a gap is no polygon of k.
"""
RIGHT = 0.31
"""Two digons are at right angles if the cosines between them are below this (within 18°)."""

OTHER = "other"
DIGONS = "two digons"
SHARED = "two digons, one arm shared"
"""Two digons and a fifth, shorter feature in the direction of another: a local minimum."""

_PARALLEL = 0.1


def angles(W: Float[np.ndarray, "2 n"]) -> Float[np.ndarray, " n"]:
    """The angle of every feature, in [0, 360)."""
    W = np.asarray(W, dtype=np.float64)
    turned: np.ndarray = degrees(W[1], W[0]) % 360.0
    return np.where(turned >= 360.0, 0.0, turned)  # −1e−20 % 360 is 360


def around(W: Float[np.ndarray, "2 n"]) -> Int[np.ndarray, " k"]:
    """The represented features in the order of their angles."""
    members = np.flatnonzero(is_represented(W, AT_ZERO))
    return members[np.argsort(angles(W)[members], kind="stable")]


def neighbour_gaps(W: Float[np.ndarray, "2 n"]) -> Float[np.ndarray, "n 2"]:
    """The angles from each feature to its neighbours, clockwise and counterclockwise.

    Not a number for features at zero; 360° for one that is alone.
    """
    order = around(W)
    forward = _gaps(angles(W)[order])
    gaps = np.full((W.shape[1], 2), np.nan)
    gaps[order] = np.stack([np.roll(forward, 1), forward], axis=1)
    return gaps


def unevenness(W: Float[np.ndarray, "2 n"]) -> float:
    """The standard deviation of the angles from those of a regular polygon, in degrees.

    Of represented features; not a number if there is none.
    """
    order = around(W)
    if order.size == 0:
        return float("nan")
    offsets = angles(W)[order] - 360.0 / order.size * np.arange(order.size)
    return float(offsets.std())


def canonical(
    W: Float[np.ndarray, "2 n"], feature: int = 0, at_zero: float = AT_ZERO
) -> Float[np.ndarray, "2 n"]:
    """The solution, rotated and reflected so that equal solutions lie on each other.

    The feature points up; if it is at zero, the first represented one does. Of
    the two reflections that are left, the one is taken in which the lowest-numbered represented
    feature that is not parallel to it is counterclockwise of it, by less than half a turn.
    """
    W = np.asarray(W, dtype=np.float64)
    present = np.flatnonzero(is_represented(W, at_zero))
    if present.size == 0:
        return W.copy()
    anchor = feature if feature in present else int(present[0])
    c, s = W[:, anchor] / np.sqrt((W[:, anchor] ** 2).sum())
    along, across = c * W[0] + s * W[1], c * W[1] - s * W[0]
    aside = present[np.abs(across[present]) > _PARALLEL * norms(W)[present]]
    if aside.size and across[aside[0]] < 0:
        across = -across
    across[anchor] = 0.0
    return np.stack([-across, along])


def classify(W: Float[np.ndarray, "2 n"]) -> str:
    """The name of a solution in the plane.

    Of the represented features: "two digons" are four in two antipodal pairs at right angles; a
    polygon of k ("pentagon", "hexagon" …) is k whose gaps are all within a third of 360° / k; "two
    digons, one arm shared" are two digons and a fifth feature, the shortest, parallel to one of
    them. Two opposite features are a "digon". Anything else is "other". Features at zero are
    appended: "two digons, one at zero".
    """
    order = around(W)
    name = _shape(np.asarray(W, dtype=np.float64)[:, order])
    silent = W.shape[1] - order.size
    if name == OTHER or silent == 0:
        return name
    return f"{name}, {'one' if silent == 1 else silent} at zero"


def _shape(W: Float[np.ndarray, "2 k"]) -> str:
    """The name of the polygon of represented features, in the order of their angles."""
    k = W.shape[1]
    if k == 2 and cosines(W)[0, 1] < ANTIPODAL:
        return "digon"
    if k == 4 and _are_digons(W):
        return DIGONS
    if k == 3 or k >= 5:
        gaps, even = _gaps(angles(W)), 360.0 / k
        if np.abs(gaps - even).max() < GAP_TOLERANCE * even:
            return polygon_name(k)
    if k == 5:
        shortest = int(norms(W).argmin())
        shares = np.delete(cosines(W)[shortest], shortest).max() > -ANTIPODAL
        if shares and _are_digons(np.delete(W, shortest, axis=1)):
            return SHARED
    return OTHER


def _are_digons(W: Float[np.ndarray, "2 4"]) -> bool:
    """Whether four directions, in the order of their angles, are two digons at 90°."""
    found = cosines(W)
    opposite = max(found[0, 2], found[1, 3]) < ANTIPODAL
    return bool(opposite and np.abs(found[[0, 1, 2, 3], [1, 2, 3, 0]]).max() < RIGHT)


def _gaps(ordered: Float[np.ndarray, " k"]) -> Float[np.ndarray, " k"]:
    """The gap from each angle to the next one around the circle."""
    return np.diff(ordered, append=ordered[:1] + 360.0)
