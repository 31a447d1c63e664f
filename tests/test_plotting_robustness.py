"""Figures about attacks, adversarial training, penalties and dictionaries."""

import ideal
import ideal_robustness
import numpy as np
import plotted
import pytest

from superposition import figures
from superposition.base.errors import UserError
from superposition.config.settings import DictionarySettings
from superposition.figures import sensing
from superposition.measure.dictionaries import training
from superposition.measure.network import TrainedCell

CELLS = {
    "vulnerability": ideal_robustness.attacked,
    "hardened": ideal_robustness.hardened,
    "tradeoff": ideal_robustness.penalised,
}


def enumerated(penalties=(0.1,), learning_rate=0.01):
    """Cells of independent features and of sets, with their dictionaries."""
    how = DictionarySettings(
        sizes=(4, 8), penalties=penalties, learning_rate=learning_rate, batch=64, steps=300
    )
    cells = {
        f"enumerated/relu_p{density:g}": ideal.weights("relu", np.eye(4), np.zeros(4), density, 1.0)
        for density in (0.1, 0.03)
    }
    weights = cells["enumerated/relu_p0.03"]
    sets = weights.cell.features.model_copy(update={"correlated": ((0, 1), (2, 3))})
    in_sets = weights.cell.model_copy(update={"features": sets})
    cells["enumerated_sets/relu_p0.03"] = ideal.replace(weights, cell=in_sets)
    return [TrainedCell(name, w, training.train(w, how)) for name, w in cells.items()]


@pytest.mark.parametrize("name", CELLS)
def test_figures_are_the_same_files_whatever_the_order_of_their_cells(name, tmp_path):
    cells = CELLS[name]()
    turned = dict(reversed(cells.items()))
    assert plotted.files(name, cells, tmp_path) == plotted.files(name, turned, tmp_path)


@pytest.mark.parametrize(
    ("name", "written"),
    {
        "vulnerability": ("paper: rises more than 3×", "from a random point", "from the input"),
        "hardened": ("$1-S$ = 0.3", "$1-S$ = 0.05", "paper: superposition\ngone at 0.8"),
        "tradeoff": ("λ = 0.064", "m = 5"),
    }.items(),
)
def test_every_curve_and_the_papers_number_are_named(name, written):
    words = plotted.texts(plotted.figure(name, CELLS[name]()))
    assert all(word in words for word in written)


@pytest.mark.parametrize("name", ["hardened", "tradeoff"])
def test_more_densities_than_colours_are_all_plotted(name):
    densities = (0.5, 0.4, 0.3, 0.25, 0.2, 0.1, 0.05)
    words = plotted.texts(plotted.figure(name, CELLS[name](densities=densities)))
    assert all(f"$1-S$ = {density:g}" in words for density in densities)


def test_more_experiments_than_colours_are_all_plotted():
    made = ideal.weights("relu", np.eye(4), np.zeros(4), 0.05, 1.0)
    names = ("geometry", "geometry_wide", "geometry_narrow", "sensing", "mine")
    axes, *_ = sensing.plot([TrainedCell(f"{name}/relu_p0.05", made) for name in names]).axes
    marks = [line for line in axes.get_lines() if line.get_label() == "n = 4, m = 4"]
    assert len(marks) == 5


def test_enumeration_says_how_many_were_there_and_found():
    cells = enumerated()
    one, other = (figures.plot("enumeration", ordered) for ordered in (cells, cells[::-1]))
    words = plotted.texts(one)
    assert "Features in correlated sets" in words
    assert "$1-S$ = 0.1: 4 there" in words
    assert plotted.svg(one) == plotted.svg(other)
    bare = [TrainedCell(cell.name, cell.weights) for cell in cells]
    with pytest.raises(UserError, match="of which no dictionaries were given"):
        figures.plot("enumeration", bare)


def test_enumeration_shows_dictionaries_whose_latents_are_all_dead():
    figure = figures.plot("enumeration", enumerated(penalties=(5.0,), learning_rate=0.05))
    assert {"4", "8"} <= set(plotted.texts(figure).split("\n"))
