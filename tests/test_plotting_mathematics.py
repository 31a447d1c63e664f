import ideal
import numpy as np
import plotted
import pytest

from superposition.figures import competition
from superposition.measure.metrics import gram

CELLS = {
    "intro_notebook": lambda: plotted.noisy("intro_notebook", 5, 2, 10),
    "legend": ideal.demonstration,
    # The densest and the sparsest models: more take long to plot.
    "many_features": lambda: (
        plotted.noisy("many_features", 80, 20, (1.0, 0.001), "linear")
        | plotted.noisy("many_features", 80, 20, (1.0, 0.001))
    ),
    "notebook": lambda: plotted.noisy("notebook", 100, 20, 20),
    "competition": ideal.demonstration,
    "phase_surfaces": dict,
}


@pytest.fixture(scope="module")
def pictures():
    return {name: plotted.svg(plotted.figure(name, cells())) for name, cells in CELLS.items()}


@pytest.mark.parametrize("name", CELLS)
def test_figure_is_the_same_bytes_when_plotted_again(pictures, name):
    assert plotted.svg(plotted.figure(name, CELLS[name]())) == pictures[name]


@pytest.mark.parametrize(
    ("name", "prefix", "count"),
    [
        ("intro_notebook", "intro-density-", 10),
        ("many_features", "gram-linear-", 2),
        ("many_features", "gram-relu-", 2),
        ("notebook", "norms-relu-", 10),
        ("notebook", "dimensions-per-feature", 1),
        ("competition", "terms-linear-", 1),
        ("competition", "terms-relu-", 5),
    ],
)
def test_all_densities_are_plotted(pictures, name, prefix, count):
    assert pictures[name].count(f'id="{prefix}') == count


def test_prices_add_up_to_what_a_linear_model_would_pay_if_no_bias_lifts_anything():
    W = ideal.tower(0, 5, extra=2)
    importance = 0.7 ** np.arange(20.0)
    for bias in (0.0, -0.1):
        prices = competition.prices(W, np.full(20, bias), importance, "relu")
        others = (gram(W) ** 2).sum(axis=1) - np.diagonal(gram(W)) ** 2
        total = prices.paid + prices.negative + prices.hidden
        np.testing.assert_allclose(total, others, atol=1e-12)
        assert (prices.hidden.max() > 0) == (bias < 0)
    pair, linear = (
        competition.prices(ideal.tower(0, 5), np.zeros(20), importance, model)
        for model in ("relu", "linear")
    )
    assert pair.negative[9] == pytest.approx(1)
    assert pair.paid[9] == pair.lost[9] == 0
    np.testing.assert_allclose(linear.paid[:10], 1)
    np.testing.assert_allclose(linear.lost, [0] * 10 + [1] * 10)


def test_competition_is_plotted_without_a_linear_model():
    relu = {key: w for key, w in ideal.demonstration().items() if "relu" in key}
    assert len(plotted.figure("competition", relu).axes) == 3 + 4 + 5
