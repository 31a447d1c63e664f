import io
from importlib import import_module

import ideal_neurons as ideal
import numpy as np
import pytest

from superposition.plotting import FIGURES, neuron_runs, style

WEIGHTS = {
    "privileged": ideal.privileged,
    "neurons": ideal.neurons,
    "neuron_runs": ideal.neurons,
    "absolute_small": ideal.absolute_small,
    "absolute": ideal.absolute,
    "polysemantic": ideal.absolute,
    "absolute_zoom": ideal.absolute,
    "motif": ideal.motif,
}


def svg(name, weights=None):
    """Return a figure as SVG text, the quickest of its formats, with its texts in comments."""
    figure = import_module(FIGURES[name].module).draw(weights or WEIGHTS[name]())
    with style.applied(), io.StringIO() as text:
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
        return text.getvalue()


@pytest.fixture(scope="module")
def drawn():
    return {name: svg(name) for name in WEIGHTS}


@pytest.mark.parametrize("name", ["privileged", "absolute_small", "motif", "polysemantic"])
def test_figure_is_the_same_bytes_when_drawn_again(drawn, name):
    assert svg(name) == drawn[name]


def says(drawn, name, *words):
    return all(f"<!-- {word} -->" in drawn[name] for word in words)


def test_all_densities_are_drawn(drawn):
    assert drawn["neurons"].count('id="neurons-density-') == 12
    assert drawn["absolute"].count('id="absolute-density-') == 7
    assert drawn["privileged"].count('id="privileged-relu-density-') == 3
    assert drawn["privileged"].count('id="privileged-relu_hidden-density-') == 3
    assert drawn["privileged"].count('id="privileged-relu_hidden_biased-density-') == 3
    assert drawn["neuron_runs"].count('id="runs-density-') == 12


def test_neurons_are_counted_beside_the_papers_counts(drawn):
    assert says(drawn, "neurons", "3 monosemantic, 6 features", "paper: 3, 6")
    assert says(drawn, "neurons", "0 monosemantic, 10 features", "paper: 0, 10")


def test_networks_of_another_size_are_not_compared_with_the_paper():
    cell = ideal.weights("relu_hidden", 0.2, np.eye(3, 4), decay=0.75)
    assert "paper" not in svg("neurons", {"neurons/relu_hidden_p0.2": cell})


def test_the_zoom_is_at_the_papers_density(drawn):
    assert says(drawn, "absolute_zoom", "10 monosemantic", "30 polysemantic")


def test_the_motif_is_named_and_measured(drawn):
    assert says(drawn, "motif", "3 of 3 networks", "4 and 5: 4.0, 4.0", "4 and 6: 4.0, 4.0")


def test_a_network_without_the_motif_is_drawn_all_the_same():
    W, W_out = ideal.plain(9, 6)
    W[8] = 0
    cells = {"motif/absolute_p0.1": ideal.weights("absolute", 0.1, W, W_out, signed=True)}
    assert "<!-- 0 of 3 networks -->" in svg("motif", cells)


def test_best_of_all_runs_is_the_lowest_and_of_one_their_mean():
    losses = np.array([3.0, 1.0, 2.0, 6.0])
    found = neuron_runs.expected_lowest(losses, [1, 2, 4])
    pairs = [min(a, b) for k, a in enumerate(losses) for b in losses[k + 1 :]]
    np.testing.assert_allclose(found, [3.0, np.mean(pairs), 1.0])
