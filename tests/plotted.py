"""Figures plotted for tests: once as it should be, and again as SVG, the quickest of the formats.

What a module plots shows in the SVG; how its artists become a PDF or a PNG does not depend on the
module. So figures of every kind are compared in all formats, and the others as SVG.
"""

import hashlib
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

import ideal
import ideal_dynamics
import ideal_follow_ups
import ideal_geometry
import ideal_neurons
import ideal_phase
import ideal_robustness
import ideal_scaling
import ideal_sets
import numpy as np
import pandas as pd
from judged import trained
from matplotlib.figure import Figure
from processes import output, plainer_processor

from superposition import figures
from superposition.config.settings import DictionarySettings
from superposition.figures import plotting, style
from superposition.figures.files import Plotted
from superposition.measure.dictionaries import training
from superposition.measure.geometry.shapes import polygon, simplex
from superposition.measure.network import TrainedCell
from superposition.model.weights import Weights

Cells = Mapping[str, Weights] | list[TrainedCell]


def noisy(experiment, n, m, densities, model="relu") -> dict[str, Weights]:
    """Random weights at a number of densities, or at those given."""
    random = np.random.default_rng(n)
    if isinstance(densities, int):
        densities = np.linspace(1, 0.1, densities).tolist()
    return {
        f"{experiment}/{model}_p{density:.4g}": ideal.weights(
            model, random.standard_normal((m, n)), random.standard_normal(n), density, 0.9
        )
        for density in densities
    }


def polytopes() -> dict[str, Weights]:
    """Networks small enough to be plotted at once, of every experiment of these figures."""
    shapes = {1.0: simplex(1)[:, :1], 0.6: simplex(3), 0.4: simplex(1), 0.2: polygon(5)}
    cells = ideal_geometry.small()
    for experiment, n, m in (("", 36, 6), ("_wide", 36, 12), ("_notebook", 16, 4)):
        cells |= ideal_geometry.curve(f"geometry{experiment}", n, m, shapes)
    return cells


def uniform() -> dict[str, Weights]:
    """Six features in two dimensions, more of them represented when sparse."""
    cells = {}
    for key, density in (("geometry", 1.0), ("sensing", 0.5), ("sensing", 0.2)):
        W = np.eye(2, 1) * (np.arange(6) < int(1 / density))
        cells |= ideal.at_densities(key, {density: W}, runs=2, rotate=False)
    return cells


def pentagons() -> dict[str, Weights]:
    """A pentagon at ten densities."""
    densities = np.linspace(1, 0.1, 10).tolist()
    return ideal.at_densities("intro_notebook", dict.fromkeys(densities, ideal.polygon(5)))


def enumerated(penalties=(0.1,), learning_rate=0.01) -> list[TrainedCell]:
    """Cells of independent features and of sets, with their dictionaries."""
    how = DictionarySettings(
        sizes=(4, 8), penalties=penalties, learning_rate=learning_rate, batch=64, steps=300
    )
    W, sets = np.eye(4), {"correlated": ((0, 1), (2, 3))}
    cells = ideal.at_densities("enumerated", {0.1: W, 0.03: W})
    cells |= ideal.at_densities("enumerated_sets", {0.03: W}, features=sets)
    return [
        TrainedCell(name, made, [training.train(made, run, how) for run in range(len(made.runs))])
        for name, made in cells.items()
    ]


def autoencoders() -> list[TrainedCell]:
    """Cells of features that come in three ways, with dictionaries of all kinds."""
    how = DictionarySettings(
        sizes=(4, 8),
        penalties=(0.01, 0.5),
        most_active=(1, 2),
        prices=(0.001, 0.1),
        learning_rate=0.01,
        batch=64,
        steps=200,
    )
    cells = {}
    for way, sets in (("", ()), ("_pairs", ((0, 1), (2, 3))), ("_sets", ((0, 1, 2, 3),))):
        solutions = dict.fromkeys((0.4, 0.2), np.eye(4))
        features = {"correlated": sets}
        cells |= ideal.at_densities(f"autoencoders{way}", solutions, features=features)
    return [
        TrainedCell(name, made, [training.train(made, run, how) for run in range(len(made.runs))])
        for name, made in cells.items()
    ]


def many_features() -> dict[str, Weights]:
    """The densest and the sparsest models: more take long to plot."""
    few = (1.0, 0.001)
    return noisy("many_features", 80, 20, few, "linear") | noisy("many_features", 80, 20, few)


def phases(m: int) -> dict[str, Weights]:
    relative = np.geomspace(0.1, 10, 6).tolist()
    return ideal_phase.diagram(m, rows=7, last=0.01, relative=relative)


CELLS: dict[str, Callable[[], Cells]] = {
    "intro": ideal.intro,
    "intro_notebook": pentagons,
    **dict.fromkeys(("legend", "demonstration", "competition"), ideal.demonstration),
    "many_features": many_features,
    "notebook": lambda: noisy("notebook", 100, 20, 20),
    "phase_two": lambda: phases(1),
    "phase_three": lambda: phases(2),
    "phase_activations": ideal_phase.activations,
    **dict.fromkeys(("phase_surfaces", "compression"), dict),
    **dict.fromkeys(("dimensions", "dimensionality", "dimensionality_notebook"), polytopes),
    **dict.fromkeys(("polytopes", "payoff"), polytopes),
    **dict.fromkeys(("perturbed", "crossover"), ideal_sets.perturbed),
    "correlated_pairs": ideal_sets.correlated_pairs,
    "anticorrelated_pairs": ideal_sets.anticorrelated_pairs,
    **dict.fromkeys(("correlated_hexagon", "pca_collapse"), ideal_sets.correlated_hexagon),
    "local_bases": ideal_sets.local_bases,
    "energy_levels": ideal_dynamics.energy_levels,
    "transformations": ideal_dynamics.transformations,
    "sensing": uniform,
    "vulnerability": ideal_robustness.attacked,
    "hardened": ideal_robustness.hardened,
    "tradeoff": ideal_robustness.penalised,
    "privileged": ideal_neurons.privileged,
    **dict.fromkeys(("neurons", "neuron_runs"), ideal_neurons.neurons),
    "absolute_small": ideal_neurons.absolute_small,
    **dict.fromkeys(("absolute", "polysemantic", "absolute_zoom"), ideal_neurons.absolute),
    "motif": ideal_neurons.motif,
    "enumeration": enumerated,
    "autoencoders": autoencoders,
    "scaling": ideal_scaling.scaling,
    "memorisation": ideal_scaling.memorisation,
    "activations": ideal_follow_ups.activations,
    "capacity": ideal_follow_ups.capacity,
}
"""What each figure is plotted of."""
IN_ALL_FORMATS = (
    *("intro", "demonstration", "phase_two", "energy_levels", "transformations"),
    *("dimensions", "dimensionality", "dimensionality_notebook", "polytopes"),
    *("vulnerability", "hardened", "tradeoff", "compression", "sensing"),
)

IN_TURN = ("demonstration", "many_features")
"""Figures of several models, which are plotted in the order in which they come."""


@cache
def cells(name: str, turned: bool = False) -> list[TrainedCell]:
    """The cells of a figure; backwards, if their order must not matter."""
    made = CELLS[name]()
    backwards = turned and name not in IN_TURN
    return (made if isinstance(made, list) else trained(made))[:: -1 if backwards else 1]


@cache
def example(name: str) -> Figure:
    """A figure of its cells."""
    return figure(name, cells(name))


@cache
def example_svg(name: str) -> str:
    return svg(example(name))


@cache
def example_table(name: str) -> pd.DataFrame:
    return table(name, cells(name))


def table(name: str, cells: list[TrainedCell]) -> pd.DataFrame:
    """The numbers of a figure."""
    return pd.DataFrame(plotting.table(name, cells))


def figure(name, cells: Cells) -> Figure:
    """A figure that was not saved."""
    return plotting.plot(name, cells if isinstance(cells, list) else trained(cells))


def svg(plotted: Figure) -> str:
    """A figure as SVG text."""
    with style.applied(), io.StringIO() as text:
        plotted.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
        return text.getvalue()


def pixels(plotted: Figure) -> bytes:
    """A figure as a small picture, which differs if anything that is seen does."""
    with style.applied(), io.BytesIO() as picture:
        plotted.savefig(picture, format="rgba", dpi=72)
        return picture.getvalue()


def texts(plotted: Figure) -> str:
    """All that is written in a figure, a line each."""
    said = plotted.findobj(lambda artist: hasattr(artist, "get_text"))
    return "\n".join(text.get_text() for text in said)


def lacks(plotted: Figure, words: Iterable[str]) -> list[str]:
    """Those words that are not written in a figure."""
    said = texts(plotted)
    return [word for word in words if word not in said]


def files(name, cells: Cells, folder: Path) -> dict[str, str]:
    """Plot a figure in all formats; the digests of its files by their names."""
    made = cells if isinstance(cells, list) else trained(cells)
    shown = Plotted(figure(name, made), figures.spec(name).title, plotting.table(name, made))
    paths = shown.save(folder / name)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def in_all_formats(folder: Path, turned: bool = False) -> dict[str, str]:
    """Plot figures of every kind; the digests of their files."""
    found: dict[str, str] = {}
    for name in IN_ALL_FORMATS:
        found |= files(name, cells(name, turned), folder)
    return found


def elsewhere(folder: Path) -> dict[str, str]:
    """`in_all_formats` on a plainer processor that hashes differently, of cells turned around."""
    script = "import json, sys, pathlib, plotted; folder = pathlib.Path(sys.argv[1]); "
    script += "print(json.dumps(plotted.in_all_formats(folder, turned=True)))"
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    variables = plainer_processor() | {"PYTHONHASHSEED": "1", "PYTHONPATH": paths}
    found: dict[str, str] = json.loads(output("-c", script, folder, variables=variables))
    return found
