import drawn
import ideal
import numpy as np
import pytest
from test_claims_mathematics import demonstration, many, notebook

from superposition.metrics import gram
from superposition.plotting import competition


def ten_densities():
    cells = ideal.intro()
    shown = [cells["intro/relu_p1"], cells["intro/relu_p0.2"], cells["intro/relu_p0.1"]]
    return {
        f"intro_notebook/relu_p{density:.4g}": ideal.weights(
            "relu", shown[k // 4].W[0].astype(float), shown[k // 4].b[0], density, 0.9
        )
        for k, density in enumerate(0.05 ** (np.arange(10) / 9))
    }


def crowded():
    """Return the densest and the sparsest models of 80 features: more take long to draw."""
    cells = many()
    return {key: cells[key] for key in cells if key.endswith(("_p1", "_p0.001"))}


WEIGHTS = {
    "intro_notebook": ten_densities,
    "legend": demonstration,
    "many_features": crowded,
    "notebook": notebook,
    "competition": demonstration,
}


@pytest.fixture(scope="module")
def pictures():
    return {name: drawn.svg(drawn.figure(name, cells())) for name, cells in WEIGHTS.items()}


@pytest.mark.parametrize("name", WEIGHTS)
def test_figure_is_the_same_bytes_when_drawn_again(pictures, name):
    assert drawn.svg(drawn.figure(name, WEIGHTS[name]())) == pictures[name]


def panels(pictures, name, prefix):
    return pictures[name].count(f'id="{prefix}')


def test_all_densities_are_drawn(pictures):
    assert panels(pictures, "intro_notebook", "intro-density-") == 10
    assert panels(pictures, "many_features", "gram-linear-") == 2
    assert panels(pictures, "many_features", "gram-relu-") == 2
    assert panels(pictures, "notebook", "norms-relu-") == 10
    assert panels(pictures, "notebook", "dimensions-per-feature") == 1
    assert panels(pictures, "competition", "terms-linear-") == 1
    assert panels(pictures, "competition", "terms-relu-") == 5


def test_prices_add_up_to_what_a_linear_model_would_pay_if_no_bias_lifts_anything():
    W = ideal.tower(0, 5, extra=2)
    importance = 0.7 ** np.arange(20.0)
    for bias in (0.0, -0.1):
        prices = competition.prices(W, np.full(20, bias), importance, "relu")
        others = (gram(W) ** 2).sum(axis=1) - np.diagonal(gram(W)) ** 2
        total = prices.paid + prices.negative + prices.hidden
        np.testing.assert_allclose(total, others, atol=1e-12)
        assert (prices.hidden.max() > 0) == (bias < 0)
    pair = competition.prices(W, np.zeros(20), importance, "relu")
    assert pair.negative[9] == pytest.approx(1)
    assert pair.paid[9] == pair.lost[9] == 0


def test_a_linear_model_pays_for_all_overlaps():
    prices = competition.prices(ideal.tower(0, 5), np.zeros(20), np.ones(20), "linear")
    np.testing.assert_allclose(prices.paid[:10], 1)
    np.testing.assert_allclose(prices.lost, [0] * 10 + [1] * 10)


def test_competition_is_drawn_without_a_linear_model():
    relu = {key: w for key, w in demonstration().items() if "relu" in key}
    assert len(competition.draw(relu).axes) == 3 + 4 + 5
