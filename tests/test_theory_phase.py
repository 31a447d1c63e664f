import numpy as np
import pytest

from superposition.measure.metrics import interference, norms
from superposition.measure.theory import phase
from superposition.measure.theory.expansion import expansion

R = np.logspace(-1, 1, 21)
GRID = R[None, :], np.logspace(0, -2, 25)[:, None]


@pytest.mark.parametrize("density", [1.0, 0.5, 0.05])
@pytest.mark.parametrize("place", range(3))
def test_losses_of_two_features_are_the_exact_loss_of_their_weights(place, density):
    solution = phase.solutions(1)[place]
    importance = np.array([1.0, 3.0])
    exact = expansion(solution.W, solution.bias(density), importance, density, 2).sum()
    found = solution.loss(np.array([3.0]), np.array([density]))
    np.testing.assert_allclose(found, exact, atol=1e-12)


@pytest.mark.parametrize("place", range(4))
def test_losses_of_three_features_are_those_of_samples_drawn_at_random(place):
    solution = phase.solutions(2)[place]
    density, r = 0.4, 0.6
    random = np.random.default_rng(place)
    x = random.random((400_000, 3)) * (random.random((400_000, 3)) < density)
    y = np.maximum(x @ solution.W.T @ solution.W + solution.bias(density), 0)
    loss = ((x - y) ** 2 * [1, 1, r]).sum(axis=1)
    found = solution.loss(np.array([r]), np.array([density]))
    assert found[0] == pytest.approx(loss.mean(), abs=4 * loss.std() / np.sqrt(loss.size))


def test_bias_of_a_feature_left_out_is_the_best_one():
    density = 0.3
    solution = phase.solutions(1)[0]
    b = solution.bias(density)

    def loss(change):
        shifted = b + change * np.array([0.0, 1.0])
        return expansion(solution.W, shifted, np.ones(2), density, 2).sum()

    assert loss(0.0) < min(loss(0.01), loss(-0.01))


@pytest.mark.parametrize("n_hidden", [1, 2, 5])
def test_pairs_are_best_exactly_below_the_boundary(n_hidden):
    r, s = GRID
    names = np.array([solution.name for solution in phase.solutions(n_hidden)])
    winner = names[phase.best(n_hidden, r, s)]
    below = s < phase.boundary(n_hidden, r)
    np.testing.assert_array_equal(np.char.endswith(winner, "_in_pair"), below)
    rare, important = np.broadcast_to(r < 0.99, below.shape), np.broadcast_to(r > 1.01, below.shape)
    assert (winner[rare & ~below] == "ignore_extra").all()
    assert (winner[important & ~below] == "ignore_other").all()
    assert (winner[rare & below] == "extra_in_pair").all()
    pair = "extra_in_pair" if n_hidden == 1 else "others_in_pair"
    assert (winner[important & below] == pair).all()


def test_three_regions_meet_where_both_are_equally_important():
    for n_hidden in (1, 2):
        losses = phase.losses(n_hidden, np.ones(1), np.full(1, 4 / 7))
        np.testing.assert_allclose(losses, losses[0, 0])
    np.testing.assert_allclose(phase.boundary(1, np.array([0.1, 1, 10])), [0.16, 4 / 7, 0.16])


@pytest.mark.parametrize("n_hidden", [1, 2])
def test_loss_is_continuous_at_the_boundary_and_its_slope_jumps(n_hidden):
    """C18: a phase change of first order."""
    s, step = phase.boundary(n_hidden, R), 1e-6

    def lowest(density):
        return phase.losses(n_hidden, R, density).min(axis=0)

    below, above = phase.slopes_at_boundary(n_hidden, R)
    np.testing.assert_allclose((lowest(s) - lowest(s - step)) / step, below, atol=1e-4)
    np.testing.assert_allclose((lowest(s + step) - lowest(s)) / step, above, atol=1e-4)
    np.testing.assert_allclose(below - above, np.minimum(R, 1) / 3)
    np.testing.assert_allclose(lowest(s - 1e-12), lowest(s + 1e-12), atol=1e-11)


def test_colours_of_the_theory_panel():
    """Grey, blue and red of the paper's colour map: norm and superposition of the extra feature."""
    for n_hidden in (1, 2):
        seen = {s.name: (norms(s.W)[-1], interference(s.W)[-1]) for s in phase.solutions(n_hidden)}
        assert seen["ignore_extra"] == (0, 0)
        assert seen["ignore_other"] == (1, 0)
        assert seen["extra_in_pair"] == (1, 1)
        assert seen.get("others_in_pair", (1, 0)) == (1, 0)


def test_boundary_is_the_one_in_the_papers_figure():
    """Highest densities of the theory panel's red region, digitised to about 2 %."""
    r = [0.11, 0.158, 0.251, 0.398, 0.631, 0.794, 1.259, 1.585, 2.512, 3.981, 6.31, 9.12]
    seen = [0.174, 0.231, 0.314, 0.407, 0.498, 0.541, 0.534, 0.492, 0.397, 0.31, 0.231, 0.172]
    np.testing.assert_allclose(phase.boundary(1, np.array(r)), seen, rtol=0.03)
