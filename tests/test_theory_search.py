import numpy as np

from superposition.theory.search import lowest_point


def test_lowest_point_is_found_at_every_place_of_a_batch_and_at_the_ends():
    target = np.array([[-3.0, 0.2], [np.sqrt(0.5), 3.0]])
    found = lowest_point(lambda x: np.abs(x - target), -1.0, 1.0, (2, 2))
    np.testing.assert_allclose(found, np.clip(target, -1, 1), atol=1e-9)


def test_the_lower_of_two_valleys_is_chosen():
    found = lowest_point(lambda x: (x**2 - 0.25) ** 2 + 0.01 * x, -1.0, 1.0)
    assert -0.52 < found < -0.5
