"""Figures about attacks, adversarial training, penalties and dictionaries."""

import hashlib

import ideal
import ideal_robustness
import numpy as np
import pytest

from superposition.dictionaries import training
from superposition.plotting import (
    FIGURES,
    draw,
    enumeration,
    hardened,
    sensing,
    tradeoff,
    vulnerability,
)
from superposition.settings import DictionarySettings

WEIGHTS = {
    "vulnerability": ideal_robustness.attacked,
    "hardened": ideal_robustness.hardened,
    "tradeoff": ideal_robustness.penalised,
}


def texts(figure):
    return " | ".join(
        text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))
    )


def dictionaries(penalties=(0.1,), learning_rate=0.01):
    how = DictionarySettings(
        sizes=(4, 8), penalties=penalties, learning_rate=learning_rate, batch=64, steps=300
    )
    found = {}
    for density in (0.1, 0.03):
        weights = ideal.weights("relu", np.eye(4), np.zeros(4), density, 1.0)
        found[f"enumerated/relu_p{density:g}"] = training.train(weights, how)
    cell = weights.cell
    sets = cell.features.model_copy(update={"correlated": ((0, 1), (2, 3))})
    in_sets = ideal.replace(weights, cell=cell.model_copy(update={"features": sets}))
    return found | {"enumerated_sets/relu_p0.03": training.train(in_sets, how)}


def cells(name):
    return dictionaries() if name == "enumeration" else WEIGHTS[name]()


@pytest.mark.parametrize("name", [*WEIGHTS, "enumeration"])
def test_figures_are_drawn_the_same_twice(name, tmp_path):
    digests = []
    for folder in ("one", "two"):
        files = sorted(draw(name, cells(name), tmp_path / folder))
        assert [file.suffix for file in files] == [".pdf", ".png", ".svg"]
        digests.append([hashlib.sha256(file.read_bytes()).hexdigest() for file in files])
    assert digests[0] == digests[1]


def test_vulnerability_has_a_curve_for_each_attack():
    figure = vulnerability.draw(ideal_robustness.attacked())
    curves = {line.get_gid() for line in figure.findobj(lambda a: hasattr(a, "get_xdata"))}
    assert curves >= {f"curve-{kind}" for kind in ("analytic", "gradient", "random_start")}
    assert "paper: rises more than 3×" in texts(figure)


def test_hardened_shows_every_density_and_the_papers_number():
    words = texts(hardened.draw(ideal_robustness.hardened()))
    assert "$1-S$ = 0.3" in words
    assert "$1-S$ = 0.05" in words
    assert "paper: superposition\ngone at 0.8" in words


def test_tradeoff_shows_penalties_that_kill_everything():
    figure = tradeoff.draw(ideal_robustness.penalised())
    assert "λ = 0.064" in texts(figure)
    assert "m = 5" in texts(figure)


@pytest.mark.parametrize("name", ["hardened", "tradeoff"])
def test_more_densities_than_colours_are_all_drawn(name):
    cells = WEIGHTS[name](densities=(0.5, 0.3, 0.2, 0.1, 0.05))
    words = texts({"hardened": hardened, "tradeoff": tradeoff}[name].draw(cells))
    assert all(f"$1-S$ = {density:g}" in words for density in (0.5, 0.3, 0.2, 0.1, 0.05))


def test_more_experiments_than_colours_are_all_drawn():
    cells = {
        f"{name}/relu_p0.05": ideal.weights("relu", np.eye(4), np.zeros(4), 0.05, 1.0)
        for name in ("geometry", "geometry_wide", "geometry_narrow", "sensing", "mine")
    }
    (axes, *_) = sensing.draw(cells).axes
    marks = [line for line in axes.get_lines() if line.get_label() == "n = 4, m = 4"]
    assert len(marks) == 5


def test_enumeration_says_how_many_were_there_and_found():
    words = texts(enumeration.draw(dictionaries()))
    assert "Features in correlated sets" in words
    assert "$1-S$ = 0.1: 4 there" in words


def test_enumeration_shows_dictionaries_whose_latents_are_all_dead():
    figure = enumeration.draw(dictionaries(penalties=(5.0,), learning_rate=0.05))
    assert "0 latents alive" not in texts(figure)
    dead = {t.get_text() for t in figure.findobj(lambda a: hasattr(a, "get_text"))}
    assert {"4", "8"} <= dead


@pytest.mark.parametrize("name", [*WEIGHTS, "enumeration"])
def test_figures_are_catalogued(name):
    assert FIGURES[name].caption.endswith(".")
    assert (FIGURES[name].shows == "dictionaries") == (name == "enumeration")
