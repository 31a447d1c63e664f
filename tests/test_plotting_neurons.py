"""Figures of neurons in a privileged basis, and of computation in superposition."""

import ideal_neurons as ideal
import numpy as np
import plotted
import pytest

from superposition.figures import neuron_runs

CELLS = {
    "privileged": ideal.privileged,
    "neurons": ideal.neurons,
    "neuron_runs": ideal.neurons,
    "absolute_small": ideal.absolute_small,
    "absolute": ideal.absolute,
    "polysemantic": ideal.absolute,
    "absolute_zoom": ideal.absolute,
    "motif": ideal.motif,
}
PANELS = {
    **{"neurons": 12, "absolute": 7, "runs": 12, "privileged-relu": 3},
    **{"privileged-relu_hidden": 3, "privileged-relu_hidden_biased": 3},
}
WORDS = (
    ("neurons", ("3 monosemantic, 6 features", "paper: 3, 6")),
    ("neurons", ("0 monosemantic, 10 features", "paper: 0, 10")),
    ("absolute_zoom", ("10 monosemantic", "30 polysemantic")),
    ("motif", ("3 of 3 networks", "4 and 5: 4.0, 4.0", "4 and 6: 4.0, 4.0")),
)


@pytest.fixture(scope="module")
def figures():
    """Every figure as SVG, which has its texts in comments."""
    return {name: plotted.svg(plotted.figure(name, cells())) for name, cells in CELLS.items()}


@pytest.mark.parametrize("name", ["privileged", "absolute_small", "motif", "polysemantic"])
def test_figures_are_the_same_whatever_the_order_of_their_cells(figures, name):
    turned = dict(reversed(CELLS[name]().items()))
    assert plotted.svg(plotted.figure(name, turned)) == figures[name]


@pytest.mark.parametrize(("panel", "number"), PANELS.items())
def test_all_densities_are_plotted(figures, panel, number):
    assert sum(svg.count(f'id="{panel}-density-') for svg in figures.values()) == number


@pytest.mark.parametrize(("name", "words"), WORDS)
def test_neurons_are_counted_and_measured(figures, name, words):
    assert all(f"<!-- {word} -->" in figures[name] for word in words)


def test_networks_of_another_size_are_not_compared_with_the_paper():
    cell = ideal.weights("relu_hidden", 0.2, np.eye(3, 4), decay=0.75)
    figure = plotted.figure("neurons", {"neurons/relu_hidden_p0.2": cell})
    assert "paper" not in plotted.texts(figure)


def test_a_network_without_the_motif_is_plotted_all_the_same():
    W, W_out = ideal.plain(9, 6)
    W[8] = 0
    cells = {"motif/absolute_p0.1": ideal.weights("absolute", 0.1, W, W_out, signed=True)}
    assert "0 of 3 networks\n" in plotted.texts(plotted.figure("motif", cells))


def test_best_of_all_runs_is_the_lowest_and_of_one_their_mean():
    losses = np.array([3.0, 1.0, 2.0, 6.0])
    found = neuron_runs.expected_lowest(losses, [1, 2, 4])
    pairs = [min(a, b) for k, a in enumerate(losses) for b in losses[k + 1 :]]
    np.testing.assert_allclose(found, [3.0, np.mean(pairs), 1.0])
