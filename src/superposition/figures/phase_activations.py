"""Phase diagrams of two features in one dimension with other output activations than ReLU."""

from superposition.figures import Spec, style
from superposition.figures.parts import numbers
from superposition.figures.parts.page import Page
from superposition.figures.parts.phase_diagrams import HEIGHT, diagram, key, of_lowest_loss, panel
from superposition.measure.network import TrainedCells, select

SPEC = Spec(
    title="Two features in one dimension, with other output activations",
    caption="What becomes of the second feature, by its importance relative to the first and by "
    "the density of both, as in the first diagram: grey if it is left out, blue if it has the "
    "dimension to itself, red if both share it; the lighter, the shorter. Of each point the run "
    "with the lowest loss on the evaluation sample, for ReLU outputs as well.",
    section="Superposition as a Phase Change",
    place=4,
    experiments=("phase_activations",),
    claims=("C22",),
)


def plot(cells: TrainedCells) -> Page:
    """The figure: a diagram for each of three models."""
    page = Page(HEIGHT)
    for column, name in enumerate(("ReLU", "GELU", "tanh")):
        shown = select(cells, model=name.lower())
        axes = panel(page, column, cells)
        axes.set_title(f"{name} output", pad=5)
        if shown:
            diagram(axes, shown, of_lowest_loss(shown))
        if column == 0:
            axes.set_ylabel("feature density $1 - S$", labelpad=2)
        if column == 1:
            label = "importance of the extra feature relative to the other"
            axes.set_xlabel(label, labelpad=3)
    key(page)
    entries = (
        (style.PHASE_ABSENT, "extra feature e not represented"),
        (style.PHASE_ALONE, "it has the dimension to itself"),
        (style.PHASE_SHARED, "it is in superposition"),
    )
    legend = page.blank(2.1, HEIGHT - 1.0, style.WIDTH - 2.1, 0.8)
    for row, (color, text) in enumerate(entries):
        legend.plot([0.05], [0.6 - 0.19 * row], "s", color=color, markersize=7)
        legend.text(0.27, 0.6 - 0.19 * row, text, va="center_baseline")
    return page


COLUMNS = numbers.columns(
    **numbers.common("experiment", "model", "density", "relative_importance"),
    norm_best=("length", "‖W_e‖ of the extra feature e, the last, in the run with the lowest loss"),
    shared_best=("squared length", "Σ_{j≠e} (Ŵ_e · W_j)², how much it is shared, in the same run"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each point of each diagram."""
    ordered = sorted(cells, key=lambda cell: (cell.model, -cell.density, cell.relative))
    for model in dict.fromkeys(cell.model for cell in ordered):
        shown = select(ordered, model=model)
        for cell, (norm, shared) in zip(shown, of_lowest_loss(shown), strict=True):
            place = {**numbers.of_cell(cell), "relative_importance": cell.relative}
            yield {**place, "norm_best": norm, "shared_best": shared}
