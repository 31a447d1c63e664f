"""Branches of local solutions, and where two of them cross."""

import numpy as np
import pytest
from ideal_sets import digons, pentagon, rays

from superposition.config.settings import FeatureSettings
from superposition.measure.geometry import branches
from superposition.measure.geometry.branches import crossing, kind
from superposition.measure.network import Network

Q = np.array([0.1, 0.15, 0.2, 0.25, 0.3, 0.36, 0.44, 0.52, 0.63, 0.8, 1.0])


@pytest.mark.parametrize(
    ("W", "name"),
    [
        (pentagon(0.5), branches.PENTAGON),
        (digons(), branches.WITHOUT),
        (digons()[:, [4, 0, 1, 2, 3]], branches.WITHOUT_ANOTHER),
        (rays([0, 90, 180, 270, 0], [1, 1, 1, 1, 0.4]), branches.ARM_SHARED),
        (rays([0, 10, 20, 30, 40]), branches.OTHER),
        (np.zeros((2, 5)), branches.OTHER),
    ],
)
def test_kinds_tell_which_feature_is_at_zero(W, name):
    assert kind(W) == name


def test_exact_branches_cross_where_they_do_even_if_one_is_missing_at_some_densities():
    first, second = 1 + Q - 0.3 * Q**2, 0.6 + 2 * Q - 0.3 * Q**2
    found = crossing(Q, first, second)
    assert found.relative == pytest.approx(0.4, abs=5e-4)
    assert found.high - found.low < 1e-6
    assert (found.below, found.above) == (0.36, 0.44)
    assert found.slopes == pytest.approx((1 - 0.24, 2 - 0.24), abs=2e-3)
    partial = crossing(Q, np.where(Q < 0.2, np.nan, first), second)
    assert partial.relative == pytest.approx(0.4, abs=5e-4)


def test_the_interval_holds_the_crossing_nineteen_times_in_twenty():
    random = np.random.default_rng(0)
    inside = []
    for _ in range(200):
        noise = 0.02 * random.standard_normal(Q.size)
        found = crossing(Q, 1 + Q + noise, 0.6 + 2 * Q)
        if found is not None:
            inside.append(found.low <= 0.4 <= found.high)
    assert len(inside) > 150
    assert 0.9 <= np.mean(inside) <= 0.99


def test_branches_that_do_not_cross_once_have_no_crossing():
    assert crossing(Q, 1 + Q, 2 + Q) is None
    assert crossing(Q, np.sin(20 * Q), 0 * Q) is None
    assert crossing(Q, np.full(Q.size, np.nan), Q) is None
    few = Q[4:7]
    assert crossing(few, 1 + few, 0.6 + 2 * few) is None


def test_the_lowest_loss_is_that_of_the_branch_and_of_no_run_that_diverged():
    runs = [
        network(pentagon(0.5), 3.0, relative=0.5),
        network(digons(), 1.0, relative=0.5),
        network(pentagon(0.5), 2.0, relative=0.5),
        network(pentagon(0.5), np.nan, relative=0.5),
        network(pentagon(0.1), 4.0, relative=0.1),
    ]
    sparse, dense = branches.by_relative_density(runs)
    assert (sparse.relative, dense.relative) == (0.1, 0.5)
    assert dense.of(branches.PENTAGON).tolist() == [2, 0]
    assert (dense.lowest(branches.PENTAGON), dense.lowest(branches.WITHOUT)) == (2.0, 1.0)
    assert np.isnan(sparse.lowest(branches.WITHOUT))


def network(W, loss, relative):
    n = W.shape[1]
    features = FeatureSettings(n_features=n, feature_probability=(0.05,) * n)
    swept = {"relative_density": relative}
    return Network(W, np.zeros(n), features, np.ones(n), swept=swept, loss=loss)
