"""A closer look at one network of 100 absolute values in 40 neurons: both layers, with signs."""

from superposition.figures import Spec, style
from superposition.figures.parts import numbers, stacks
from superposition.figures.parts.page import Page
from superposition.measure import neurons
from superposition.measure.network import TrainedCell, TrainedCells

SPEC = Spec(
    title="Mono- and polysemantic neurons in one network",
    caption="The best network at 1 − S = 0.01, its neurons as in the figure of all densities, "
    "with signs and with the features' numbers (1 is the most important). A monosemantic "
    "neuron (blue ground) has one large input weight, a polysemantic one (orange) a primary "
    "weight and secondary ones. The paper's network has both kinds (C61).",
    section="Computation in Superposition",
    place=4,
    experiments=("absolute",),
    claims=("C61", "C62"),
)
_LEFT, _HIGH = 0.5, 1.75


def plot(cells: TrainedCells) -> Page:
    """The figure: the lowest-loss run at 1 − S = 0.01, or at the density closest to it."""
    cell = _shown(cells)
    both, mono, poly = stacks.in_order(cell.best)
    colours = stacks.feature_colours(both.W.shape[1])
    page = Page(2 * _HIGH + 1.3)
    page.write(_LEFT, 0.2, f"$1 - S$ = {cell.density:g}", fontweight="bold")
    page.write(_LEFT + 1.1, 0.2, "number and colour: the feature", color=style.FAINT)
    one, many = f"{int(mono.sum())} monosemantic", f"{int(poly.sum())} polysemantic"
    stacks.kinds_key(page.blank(3.6, 0.02, 3.1, 0.3), one, many, 1.55)
    for top, values, limits, step, name, layer in (
        (0.4, both.W, (-3.2, 3.2), 2, "in", "$W_1$, largest scaled to 1"),
        (0.65 + _HIGH, both.W_out.T, (-6.0, 5.0), 4, "out", "$W_2$"),
    ):
        axes = page.panel(_LEFT, top, style.WIDTH - _LEFT - 0.06, _HIGH, gid=f"zoom-{name}")
        stacks.grounds(axes, mono, poly)
        stacks.stack(axes, values, colours, limits, layer, numbered_from=0.12 * limits[1])
        axes.set_yticks([-step, 0, step])
    first = neurons.primary(both.W, signed=True)
    axes.set_xticks(range(len(first)), [str(i + 1) for i in first])
    axes.tick_params(axis="x", length=0, pad=18, labelsize=style.SMALL - 1.5)
    axes.set_xlabel("the feature that excites the neuron most", labelpad=2)
    return page


def _shown(cells: TrainedCells) -> TrainedCell:
    """The cell at 1 − S = 0.01, or at the density closest to it."""
    return min(cells, key=lambda cell: max(cell.density / 0.01, 0.01 / cell.density))


COLUMNS = numbers.columns(
    **numbers.RUN,
    **numbers.common("place", "neuron"),
    kind=stacks.KIND,
    **numbers.common("feature"),
    weight_in=(
        "weight",
        "W_1 of the neuron and the feature, the largest of the neuron scaled to 1",
    ),
    weight_out=("weight", "W_2 of both, scaled so that the network is the same"),
)


def rows(cells: TrainedCells) -> numbers.Rows:
    """A row for each neuron and feature of which a weight is plotted."""
    cell = _shown(cells)
    both, mono, poly = stacks.in_order(cell.best)
    order = neurons.order(neurons.layers_of(cell.best), signed=True)
    kinds = stacks.kinds_of(mono, ~(mono | poly))
    layers = {"weight_in": both.W, "weight_out": both.W_out.T}
    return stacks.stack_rows(numbers.of_run(cell), order, kinds, **layers)
