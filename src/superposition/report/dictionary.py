"""The data dictionary: of every table among the results, what each column holds.

`python -m superposition readme` writes it to docs/results.md, and the report has it too.
"""

from collections.abc import Iterator
from typing import NamedTuple

from superposition import figures
from superposition.config.settings import RecipeSettings
from superposition.figures.parts import numbers
from superposition.measure.metrics import ANTIPODAL, ORTHOGONAL, REPRESENTED

SWEPT = "…"
"""Stands among a table's columns for those of the keys that its experiment sweeps."""


class Column(NamedTuple):
    """What a column holds: a name, a unit, and a formula or words for it."""

    name: str
    unit: str
    holds: str


class Described(NamedTuple):
    """A table among the results."""

    file: str
    """Its path from the folder of results, with capitals for names that differ."""
    row: str
    """What it has a row for."""
    columns: tuple[Column, ...]


def _columns(*given: tuple[str, str, str]) -> tuple[Column, ...]:
    return tuple(Column(*one) for one in given)


_DENSITY = ("density", *numbers.COMMON["density"])
_CELL = _columns(
    ("experiment", "name", "entry of config.yaml"),
    ("model", "name", "row of the model table, such as relu"),
    ("n_features", "count", "n, features"),
    ("n_hidden", "count", "m, hidden dimensions"),
    ("seed", "number", "seed of the random numbers"),
    _DENSITY,
    (SWEPT, "as in config.yaml", "a column for each key that the experiment sweeps: see below"),
)
_RUN = Column(
    "run", "number", "of the run in its cell, from 0; each run has its own start and batches"
)
TABLES = (
    Described(
        "metrics/EXPERIMENT.runs.csv",
        "each run of each cell",
        (
            *_CELL,
            *_columns(
                ("feature_probability", "probability", "Σ_i p_i / n, p_i as in the next table"),
                _RUN,
                ("loss", "loss", "I_i (t_i − y_i)², mean over evaluation samples and features; "
                 "the target t is x, or |x| of the absolute-value models"),
                ("is_best", "True or False", "whether its loss is the lowest of its cell"),
                ("n_represented", "count", f"features with ‖W_i‖ > {REPRESENTED:g}"),
                ("n_orthogonal", "count",
                 f"of these, features with an interference below {ORTHOGONAL:g}"),
                ("n_antipodal_pairs", "count",
                 f"pairs of represented features with cos(W_i, W_j) < −{-ANTIPODAL:g}"),
                ("dimensions_per_feature", "dimensions", "D* = m / Σ_i ‖W_i‖²"),
                ("total_dimensionality", "dimensions", "Σ_i D_i, D_i as in the next table"),
            ),
        ),
    ),
    Described(
        "metrics/EXPERIMENT.features.csv",
        "each feature of each run",
        (
            *_CELL,
            *_columns(
                _RUN,
                ("feature", "number", "i, from 0"),
                ("importance", "weight", "I_i"),
                ("feature_probability", "probability",
                 "p_i: that the feature is not zero; in an anticorrelated set of k, that is p_i / "
                 "k"),
                ("norm", "length", "‖W_i‖; of untied models, of the input weights"),
                ("bias", "units of x", "b_i of the output"),
                ("interference", "squared length", "Σ_{j≠i} (Ŵ_i · W_j)², with Ŵ_i = W_i / ‖W_i‖"),
                ("dimensionality", "dimensions", "D_i = ‖W_i‖² / Σ_j (Ŵ_i · W_j)²"),
            ),
        ),
    ),
    Described(
        "data/EXPERIMENT.csv",
        "each density, feature and statistic of the evaluation sample",
        _columns(
            ("density", "name", "the distribution, as names of cells have it: p0.1"),
            ("feature", "number", "i, from 0; none for the whole sample"),
            ("statistic", "name", "empty: share of samples without an active feature; active: "
             "share in which x_i ≠ 0; mean of active: mean of x_i there"),
            ("promised", "as the statistic", "what the settings promise"),
            ("found", "as the statistic", "what the sample holds"),
            ("standard_error", "as the statistic", "of found, if the promise is kept: (q (1 − q) "
             "/ samples)^{1/2} for a share q, (variance / active)^{1/2} for a mean"),
        ),
    ),
    Described(
        "data/EXPERIMENT.sample.csv",
        "each of some samples that are not empty",
        _columns(
            ("density", "name", "the distribution, as names of cells have it: p0.1"),
            ("sample", "number", "of the sample, from 0"),
            ("active", "count", "features with x_i ≠ 0"),
            ("x", "pairs", "i:x_i of each of these"),
        ),
    ),
    Described(
        "constructed.csv",
        "each cell and each structure it is compared with",
        _columns(
            ("experiment", "name", "entry of config.yaml"),
            ("cell", "name", "of the cell in it: model and density, such as relu_p0.1"),
            ("structure", "name", "the solution that was built by hand and optimised"),
            ("expected", "loss", "the structure's expected loss, a mean over features: exact, "
             "except for pairs of neurons, which use a sample of their own"),
            ("expected_trained", "loss", "the same for the cell's lowest-loss run; none where "
             "more than 11 features share dimensions, or neurons have a ReLU"),
            ("on_sample", "loss", "loss of the structure on the cell's evaluation sample"),
            ("on_sample_trained", "loss", "loss of the lowest-loss run on that sample"),
            ("on_sample_of_mean", "loss", "loss of answering with the mean on that sample"),
        ),
    ),
    Described(
        "dictionaries/EXPERIMENT.csv",
        "each dictionary trained on the hidden activations of a run",
        _columns(
            ("cell", "name", "of the cell: model and density, such as relu_p0.1"),
            ("model", "name", "row of the model table, such as relu"),
            _DENSITY,
            _RUN,
            ("size", "count", "latents"),
            ("kind", "name", "relu, topk or jumprelu"),
            ("level", "as in config.yaml", "what keeps latents few: λ of relu, k of topk, μ of "
             "jumprelu"),
            ("represented", "count", f"features that could be found: ‖W_i‖ > {REPRESENTED:g}"),
            ("found", "count", "of these, those with cos(W_i, latent) > 0.9 for a live latent"),
            ("cosine", "cosine", "largest cosine with any live latent, mean over these features"),
            ("dead", "count", "latents that are active in none of the fresh samples"),
            ("nothings", "count", "live latents that are not as close to any represented feature"),
            ("unexplained", "share", "Σ ‖h − ĥ‖² / Σ ‖h‖² over fresh samples"),
            ("active", "count", "latents active in a sample, mean"),
            ("by_chance", "count", "features that as many random directions would have found"),
            ("sums", "count", "correlated sets with a live latent along their Σ W_i (cos > 0.9)"),
            ("split", "count", "of the features found, those along which several live latents "
             "point"),
            ("absorbed", "count", "features not found, but their set is, as in sums"),
        ),
    ),
    Described(
        "claims.csv",
        "each claim",
        _columns(
            ("claim", "name", "ours; the paper numbers nothing"),
            ("section", "name", "of the paper"),
            ("origin", "name", "paper, derivation, others or ours"),
            ("statement", "text", "what is claimed"),
            ("outcome", "name", "replicates, in part, deviates, unstable, derivation, void or not "
             "tested"),
            ("reason", "text", "what is outside its bounds, or why it is not tested"),
            ("judged_on", "name", "lowest loss, typical run (medians) or all runs"),
            ("runs_within", "count", "single runs in which all of it holds"),
            ("runs", "count", "single runs; 0 if they are not judged one by one"),
            ("same", "share", "of builds with other runs, drawn from these, that have the same "
             "outcome"),
            ("by_seed", "text", "its outcomes in builds with several seeds"),
            ("control", "text", "networks on which it must not hold"),
            ("control_fits", "True or False", "whether it holds on these, which makes it void"),
            ("control_runs_within", "count", "single runs of the control in which all of it holds"),
        ),
    ),
    Described(
        "claims.numbers.csv",
        "each number that a claim is judged by",
        _columns(
            ("claim", "name", "as in claims.csv"),
            ("quantity", "text", "what is measured, and its unit"),
            ("cell", "text", "model and density; all for a number about all cells together"),
            ("low", "as the quantity", "lower bound; none if there is none"),
            ("high", "as the quantity", "upper bound; none if there is none"),
            ("source", "name", "of the bounds: paper (its text), fig (its figures), nb (its "
             "notebook), derived or ours"),
            ("paper_position", "as the quantity", "position of the boundary in the paper, if it "
             "is one"),
            ("measured", "as the quantity", "in the runs that the claim is judged on"),
            ("within", "True or False", "low ≤ measured ≤ high"),
            ("other_reading", "as the quantity", "the median of all runs if the claim is judged on "
             "the lowest loss, or the other way round"),
            ("other_within", "True or False", "low ≤ other_reading ≤ high"),
            ("control", "as the quantity", "on the control's networks"),
            ("control_within", "True or False", "low ≤ control ≤ high"),
            ("interval_low", "as the quantity", "2.5th percentile over builds with other runs"),
            ("interval_high", "as the quantity", "97.5th percentile"),
            ("runs_within", "count", "single runs within the bounds"),
            ("runs", "count", "single runs; 0 if they are not judged one by one"),
        ),
    ),
)  # fmt: skip
"""All tables but those beside figures, whose columns are what each figure shows."""

_NOTE = (
    "A table is a CSV file in UTF-8 with a header. Numbers have 9 significant digits. Missing "
    "values are empty, for example all measurements of a run that diverged. Lengths, losses and "
    "biases have only the unit of x, whose features lie between 0 and 1 unless config.yaml says "
    "otherwise (`value_range`, `normalised`)."
)


def swept() -> tuple[Column, ...]:
    """The columns that a key has if an experiment sweeps it."""
    own = _columns(
        ("relative_density", "ratio", "density of the last feature over that of the others"),
        (
            "relative_importance",
            "ratio",
            "importance of the last feature over what it would otherwise be",
        ),
        ("frequency_exponent", "number", "a, where densities fall as i^−a over the features"),
        ("frequency_law", "name", "the law by which densities fall over the features"),
    )
    recipe = (
        Column(name, "as in config.yaml", (field.description or "").replace("\n", " ").rstrip("."))
        for name, field in RecipeSettings.model_fields.items()
    )
    return (*own, *recipe)


def of_figures() -> Iterator[Described]:
    """The tables beside the figures, whose modules describe them."""
    for name in figures.FIGURES:
        columns = (Column(key, *its) for key, its in figures.columns(name).items())
        yield Described(f"figures/{name}.csv", figures.row(name), tuple(columns))


def text() -> str:
    """The page docs/results.md."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "# The tables of results, column by column"
    yield ""
    yield f"{_NOTE} A figure's table, `results/figures/NAME.csv`, has the numbers that it shows."
    for table in (*TABLES, *of_figures()):
        yield from ("", f"## `results/{table.file}`", "", f"A row for {table.row}.", "")
        yield from _rows(table.columns)
    yield from ("", "## Keys that are swept", "")
    yield "An experiment that sweeps one of these has a column for it after `density`."
    yield ""
    yield from _rows(swept())
    yield ""


def _rows(columns: tuple[Column, ...]) -> Iterator[str]:
    yield from ("| column | unit | what it holds |", "| --- | --- | --- |")
    for column in columns:
        name = column.name if column.name == SWEPT else f"`{column.name}`"
        yield f"| {name} | {column.unit} | {_escaped(column.holds)} |"


def _escaped(text: str) -> str:
    """Text of which Markdown takes nothing for markup."""
    for letter in "\\|*_":
        text = text.replace(letter, f"\\{letter}")
    return text
