"""What the tables of figures have in common with the pictures: numbers that are in both."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle

from superposition.figures import style

Values = Callable[[pd.DataFrame], object]


def of(panel: str, *columns: str) -> Values:
    """Columns of the rows of a panel."""
    return lambda table: table.loc[table.panel == panel, list(columns)]


def best(*columns: str) -> Values:
    """Columns of the lowest-loss runs."""
    return lambda table: table.loc[table.is_best.astype(bool), list(columns)]


def overlaps(table: pd.DataFrame) -> np.ndarray:
    """W_i · W_j of all networks of a table of features."""
    W = table.filter(regex=r"^W_\d+$")
    W = W[W.notna().any(axis=1)]
    networks = W.groupby([table.experiment, table.model, table.density, table.loss], sort=False)
    grams = [one.dropna(axis=1).to_numpy() for _, one in networks]
    return np.concatenate([(one @ one.T).ravel() for one in grams])


def colours(norm: str, shared: str) -> Values:
    """What a phase diagram's pixels are coloured by."""
    return lambda table: np.round(255 * style.phase(*(table[[norm, shared]].dropna().to_numpy().T)))


def highest(weight: str) -> Values:
    """The first weight of each neuron's column."""
    return lambda table: table.groupby(["density", "place"])[weight].max().clip(lower=0)


def overlaps_of_blocks(table: pd.DataFrame) -> np.ndarray:
    """W_i · W_j of features that are in blocks."""
    return overlaps(table[table.block.notna()])


SHOWN: Mapping[str, tuple[Values, ...]] = {
    **dict.fromkeys(("intro", "intro_notebook"), (lambda table: table[["x", "y"]],)),
    "legend": (overlaps,),
    **dict.fromkeys(
        ("demonstration", "many_features"),
        (lambda t: overlaps(t[(t.model != "linear") | (t.density == t.density.max())]),),
    ),
    "notebook": (
        overlaps,
        lambda t: t.groupby("density")[["dimensions_per_feature", "represented"]].agg(
            ["min", "max"]
        ),
        lambda t: best("dimensions_per_feature", "represented")(t[t.panel == "run"]),
    ),
    "competition": (
        of("overlap", "relu", "relu_biased", "linear"),
        *(of("found", "overlap"), best("relative_loss", "without_relu")),
        *(of("one more", "lost", "interference"), of("feature", "lost")),
    ),
    **dict.fromkeys(
        ("phase_two", "phase_three"),
        (
            *(colours("norm_mean", "shared_mean"), colours("norm_best", "shared_best")),
            lambda table: np.log10(of("exact boundary", "density")(table)),
        ),
    ),
    "phase_activations": (
        *(colours("norm_best", "shared_best"), colours("norm_mean", "shared_mean")),
    ),
    "phase_surfaces": (of("minimum", "w_1", "w_2"), of("best weights", "w_1", "w_2")),
    "dimensions": (lambda table: table[["dimensions_per_feature"]], lambda t: 1 / t.density),
    **dict.fromkeys(
        ("dimensionality", "dimensionality_notebook"),
        (lambda table: table[["dimensionality", "dimensions_per_feature"]],),
    ),
    "polytopes": (overlaps,),
    "payoff": (lambda table: table[["saved", "share"]],),
    "perturbed": (lambda table: table[["x", "y", "gap"]],),
    "crossover": (lambda table: 1000 * table.loss, lambda t: 1000 * of("fit", "difference")(t)),
    **dict.fromkeys(
        ("correlated_pairs", "anticorrelated_pairs", "correlated_hexagon"),
        (lambda t: t[["angle", "x", "y"]], lambda t: of("pair", "loss")(t).clip(lower=1e-7)),
    ),
    "local_bases": (
        best("overlap"),
        lambda t: t.overlap[t.feature < t.other].abs().clip(lower=0.5 * 1e-3),
    ),
    "pca_collapse": (of("arrow", "x", "y"), best("collapsed")),
    "energy_levels": (
        *(of("dimensionality", "dimensionality"), of("loss", "loss")),
        of("level", "least"),
    ),
    "transformations": (of("picture", "x", "y"), of("loss", "loss")),
    "vulnerability": (
        lambda t: t[["features_per_dimension", "analytic", "random_start", "gradient"]],
    ),
    "hardened": (
        lambda t: t[["shared", "features_per_dimension", "vulnerability", "clean_loss"]],
    ),
    "tradeoff": (best("learned"), of("run", "superposed", "relative_loss"), overlaps),
    "privileged": (lambda table: table.filter(regex=r"^W_\d+$"), lambda table: table.privilege),
    "neurons": (highest("weight"),),
    "neuron_runs": (
        lambda table: 100 * table.excess,
        *(best("represented", "monosemantic"), of("carried", "carried", "carried_mean")),
    ),
    "absolute": (highest("weight"),),
    "absolute_small": (lambda table: table[["weight_in", "weight_out"]],),
    "absolute_zoom": (highest("weight_in"),),
    "polysemantic": (lambda table: table.second_share,),
    "motif": (highest("weight_in"), lambda t: t[["ratio_in", "interference", "taken_away"]]),
    "enumeration": (
        *(of("closest", "cosine"), of("dictionary", "found")),
        lambda t: 100 * t.dead / t["size"],
    ),
    "autoencoders": (
        lambda t: t[(t.panel == "dictionary") & (t["size"] == 8)][["active", "found"]],
        lambda t: of("dictionary", "unexplained")(
            t[(t.experiment == "autoencoders") & (t["size"] == 8)]
        ),
        of("fates", "split", "absorbed", "lost", "dead"),
    ),
    "compression": (lambda table: 100 * table.error, lambda table: table.t),
    "sensing": (lambda table: table[["features_per_dimension", "constant"]],),
    "scaling": (lambda t: t.loc[t.experiment != "scaling_decay", ["n_hidden", "total_loss"]],),
    "memorisation": (
        lambda t: t.loc[
            t.panel == "run", ["relative_training_loss", "relative_loss"]
        ].clip(lower=1e-4),
        of("run", "largest_of_examples"),
        of("features", "x", "y"),
    ),
    "activations": (of("plane", "x", "y"), of("dimensionality", "dimensionality")),
    "capacity": (of("capacity", "dimensionality"), overlaps_of_blocks),
}  # fmt: skip
"""Of each figure, numbers of its table that are to be seen in it as they are."""
NEVER = {("many_features", "paper_norm")}
"""Columns that are empty where the cells are those of the tests."""


def drawn(figure: Figure) -> np.ndarray:
    """All numbers that a figure's artists are made of, in order."""
    found: list[object] = []
    for artist in figure.findobj():
        if isinstance(artist, Line2D):
            found += [artist.get_xdata(), artist.get_ydata()]
        elif isinstance(artist, Rectangle):
            found += [artist.get_width(), artist.get_height()]
        elif isinstance(artist, Polygon):
            found.append(artist.get_xy())
        elif isinstance(artist, Collection):
            found += [artist.get_offsets(), *(path.vertices for path in artist.get_paths())]
        elif isinstance(artist, AxesImage):
            found.append(artist.get_array())
    flat = [np.ravel(np.ma.filled(np.asarray(one, dtype=float), np.nan)) for one in found]
    return np.unique(np.concatenate(flat))


def lacking(name: str, table: pd.DataFrame, figure: Figure) -> list[float]:
    """Those numbers of a figure's table that are to be seen in it, and are not."""
    there = drawn(figure)
    found: list[float] = []
    for of_table in SHOWN[name]:
        values = np.ravel(np.asarray(of_table(table), dtype=float))
        values = values[np.isfinite(values)]
        assert values.size
        after = np.searchsorted(there, values).clip(1, len(there) - 1)
        nearest = np.minimum(np.abs(there[after] - values), np.abs(there[after - 1] - values))
        found += values[nearest > 1e-6 * np.maximum(1, np.abs(values))].tolist()
    return found


def empty(name: str, table: pd.DataFrame) -> list[str]:
    """Columns without any value, but for those that never have one here."""
    return [one for one in table if table[one].isna().all() and (name, one) not in NEVER]
