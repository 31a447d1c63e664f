from dataclasses import replace

import ideal
import ideal_neurons
import matplotlib as mpl
import numpy as np
import pandas as pd
import plotted
import pytest
import tabled
from judged import changed, trained
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from superposition import figures
from superposition.base.errors import UserError
from superposition.figures import FIGURES, competition, neuron_runs, phase_surfaces, plotting, style
from superposition.figures.parts import numbers, phase_diagrams, stacks
from superposition.figures.parts.page import apart
from superposition.figures.parts.panels import describe
from superposition.figures.parts.paper import paper_norms
from superposition.figures.parts.phase_diagrams import mean_of_all_but_the_worst, of_lowest_loss
from superposition.measure.metrics import gram
from superposition.measure.network import TrainedCell
from superposition.measure.theory import bias_free
from superposition.model.parameters import Parameters

SAID = {
    "energy_levels": (
        *("60 features of 5 runs", "event 2:\n2 features", "pace of"),
        "dashed: at the pace\nbefore and after",
    ),
    "sensing": ("bound with C = 1",),
    "transformations": (
        *("From small initial weights, 10 runs", "From usual initial weights, 10 runs"),
        *("7  antiprism first", "3  pairs first", "0  not there"),
        "0 went through both\n10 begin with a solution like PCA's",
        "run 0: of 10 runs, 7 go as in the paper",
        *("black: run 0, as above", "at B 10 of 10 runs are\nwithin 5 % of its loss"),
    ),
    "dimensions": ("36 features in 6 dimensions", "in 12 dimensions", "the authors' own run"),
    "dimensionality": (
        *("1/2  digon: a line (12)", "2/5  pentagon: a line (15)", "3/4  tetrahedron: no line (8)"),
        *("3/8  square antiprism: no line (0)", "3 pentagons", "6 digons", "2 tetrahedra"),
    ),
    "payoff": (
        *("square antiprism", "digon", "enlarged", "dots: trained networks"),
        *("What trained networks are made of", "grey: other or\nlarger groups"),
    ),
    "dimensionality_notebook": ("1.00", ".43", ".40"),  # theirs at 4.13, ours at 5
    "polytopes": (
        *("(1, 1, 1)", "(1, 1, 1, 1)", "(1, 1, 0, 0)\n(0, 0, 1, 1)"),
        *("(1, 1, 1, 0, 0)\n(0, 0, 0, 1, 1)", "4 × 3/4: 0.750", "8 × 3/8: 0.375"),
        *("3 × 2/3: 0.667\nand 2 × 1/2: 0.500", "5 × 2/5: 0.400\nand 2 × 1/2: 0.500"),
    ),
    "neurons": (
        *("3 monosemantic, 6 features\n", "paper: 3, 6\n"),
        *("0 monosemantic, 10 features\n", "paper: 0, 10\n", "most runs: 3, 6\n"),
    ),
    "neuron_runs": ("Lowest loss of so many runs", "Neurons for a feature", "Neurons and features"),
    "absolute": ("paper: all mono", "paper: some mono", "paper: no mono", "3 runs: 40 mono"),
    "absolute_zoom": ("10 monosemantic (10)", "30 polysemantic (30)"),
    "absolute_small": ("one for each sign, in 3 of 3 runs",),
    "motif": ("3 of 3 networks", "4 and 5: 4.0, 4.0", "4 and 6: 4.0, 4.0"),
    "crossover": ("exactly 0.269", "paper ≈ 0.4", "fit: zero at 0.400", "26  pentagon"),
    "perturbed": (
        *("lowest loss from × 0.44 to × 2.5", "lowest loss from × 0.1 to × 0.36"),
        "runs: without 0 of other kinds and 0 with a higher loss",
    ),
    "vulnerability": ("paper: rises more than 3×", "from a random point", "from the input"),
    "hardened": ("$1-S$ = 0.3", "$1-S$ = 0.05", "paper: superposition gone at 0.8"),
    "tradeoff": ("λ = 0.064", "m = 5"),
    "enumeration": ("Features in correlated sets", "$1-S$ = 0.1: 4 there"),
    "autoencoders": (
        "$1-S$ = 0.4: 4 there",
        "in fives, TopK",
        "8 latents",
        "absorbed into its set's",
    ),
    "scaling": ("$a$ = 1.5", "drawn to unit length", "linear, R² = 0.86"),
    "memorisation": ("T = 1,000", "examples, the largest"),
    "activations": ("two antipodal", "five features as", "½  pair", "GELU"),
    "capacity": ("20 blocks, off by 0.000", "n = 200, m = 15, $1-S$ = 0.67", "those that share"),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_the_same_bytes_when_plotted_again_whatever_the_order_of_its_cells(name):
    turned = plotted.cells(name, turned=True)
    assert plotted.svg(plotting.plot(name, turned)) == plotted.example_svg(name)
    pd.testing.assert_frame_equal(plotted.table(name, turned), plotted.example_table(name))


@pytest.mark.parametrize("name", FIGURES)
def test_the_numbers_in_a_figures_table_are_those_that_it_shows(name):
    table = plotted.example_table(name)
    assert tabled.lacking(name, table, plotted.example(name)) == []
    assert tabled.empty(name, table) == []


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_says_what_the_rows_and_columns_of_its_table_are(name):
    assert figures.row(name)[0].islower()
    for column in figures.columns(name).values():
        assert column.unit
        assert not column.holds.endswith(".")


def test_a_column_that_is_not_described_is_refused():
    described = numbers.columns(run=("number", "of the run"), W_k=("length", "of W_i"))
    table = numbers.table([{"run": 0, "W_0": 1.0}, {"run": 1, "W_1": 2.0}], described)
    assert table == {"run": [0, 1], "W_0": [1.0, None], "W_1": [None, 2.0]}
    assert list(numbers.table([], described)) == ["run", "W_k"]
    with pytest.raises(KeyError, match="not described: loss"):
        numbers.table([{"run": 0, "loss": 1.0}], described)


def test_no_number_of_a_table_is_minus_zero():
    values = numbers.table([{"x": -0.0}, {"x": -1e-300}], numbers.common("x"))["x"]
    assert list(map(str, values)) == ["0.0", "-1e-300"]


def test_figures_of_every_kind_are_the_same_small_files_on_a_plainer_processor(tmp_path):
    here = plotted.in_all_formats(tmp_path)
    assert here == plotted.elsewhere(tmp_path / "elsewhere")
    endings = figures.FORMATS
    assert set(here) == {f"{name}.{end}" for name in plotted.IN_ALL_FORMATS for end in endings}
    assert all(file.stat().st_size < 1_000_000 for file in tmp_path.glob("phase_two.*"))


def others_changed(cell):
    """A cell with all runs but that of the lowest loss changed, in the course of training too."""
    others, made = np.arange(len(cell)) != cell.weights.best, {}
    for name in ("final", "snapshots"):
        if (given := getattr(cell.weights, name)) is not None:
            arrays = {key: np.copy(array) for key, array in given.arrays().items()}
            arrays["W"][..., others, :, :] = 0.1 * arrays["W"][..., others, :, :] + 0.1
            made[name] = Parameters(**arrays)
    return TrainedCell(cell.name, replace(cell.weights, **made), cell.dictionaries.values())


@pytest.mark.parametrize(
    "name",
    ["demonstration", "phase_activations", "neurons", "neuron_runs", "absolute_small", "absolute"],
)
def test_pictures_of_the_best_run_show_the_others_as_well(name):
    cells = list(map(others_changed, plotted.cells(name)))
    assert plotted.pixels(plotting.plot(name, cells)) != plotted.pixels(plotted.example(name))


@pytest.mark.parametrize(("name", "words"), SAID.items())
def test_figures_say_what_is_in_them(name, words):
    assert plotted.lacks(plotted.example(name), words) == []


@pytest.mark.parametrize(
    ("name", "panel", "count"),
    [
        ("demonstration", "bias-relu-density-", 7),
        ("demonstration", "gram-linear-density-", 1),
        ("demonstration", "norms-relu-density-0.003", 1),
        ("intro_notebook", "intro-density-", 10),
        ("many_features", "gram-linear-", 1),
        ("many_features", "gram-relu-", 2),
        ("notebook", "norms-relu-", 10),
        ("notebook", "dimensions-per-feature", 1),
        ("competition", "terms-linear-", 1),
        ("competition", "terms-relu-", 5),
        ("neurons", "neurons-density-", 12),
        ("neuron_runs", "runs-density-", 12),
        ("absolute", "absolute-density-", 7),
        *(
            ("privileged", f"privileged-{model}-density-", 3)
            for model in ("relu", "relu_hidden", "relu_hidden_biased")
        ),
    ],
)
def test_all_densities_are_plotted_in_panels_of_their_names(name, panel, count):
    assert plotted.example_svg(name).count(f'id="{panel}') == count


def test_how_far_a_model_shown_once_differs_at_other_densities_is_said():
    """At the second density one of the two features is lost, and the other twice as long."""
    first, second = np.eye(2, 3), np.array([[0.0, 0, 0], [0, 1, 0]])
    cells = ideal.at_densities("demonstration", {1.0: first, 0.1: 2 * second}, model="linear")
    figure = plotted.figure("demonstration", cells)
    words = "At all 2 densities", "1–2 features", "by more than 3 from", "all runs: 2"
    assert plotted.lacks(figure, words) == []


def test_points_that_no_run_has_solved_are_named():
    """At one, all runs put a feature ten times as important into a pair; at another, one does."""
    cells = plotted.phases(2)
    none, one = [name for name in cells if name.endswith("importance10")][-2:]
    exchanged = changed(cells, none, W=lambda W: W[..., ::-1])
    exchanged = changed(exchanged, one, W=lambda W: [W[0], W[1][:, ::-1], W[2]])
    given = trained(exchanged)
    assert [cell.name for cell in phase_diagrams.missed(given, of_lowest_loss(given))] == [none]
    assert plotted.lacks(plotting.plot("phase_three", given), ["none of 3 runs"]) == []
    assert "none of 3 runs" not in plotted.texts(plotted.example("phase_three"))


def test_panels_say_in_how_many_runs_what_they_show_is_so():
    cells = ideal.intro()
    others = changed(cells, "intro/relu_p0.1", W=lambda W: [W[0], W[1], np.eye(2, 5)])
    figure = plotted.figure("intro", others)
    assert plotted.lacks(figure, ["same in 3 of 3 runs", "same in 2 of 3 runs"]) == []


@pytest.mark.parametrize("name", ["intro", "demonstration"])
def test_a_sweep_that_a_figure_was_not_made_for_is_told(name):
    values, said = (0.001, 0.01), ["learning rate 0.001", "learning rate 0.01"]
    cells = {
        f"{cell}+learning_rate{value:g}": replace(
            weights, cell=weights.cell.model_copy(update={"swept": {"learning_rate": value}})
        )
        for cell, weights in getattr(ideal, name)().items()
        for value in values
    }
    figure = plotted.figure(name, cells)
    assert plotted.lacks(figure, said) == []
    # Its own panels say so, one by one.
    assert ("without telling which is which" in plotted.texts(figure)) is (name != "intro")
    panels = [one.get_gid() for one in figure.axes if name == "intro" and one.get_gid()]
    assert len(panels) == len(set(panels))
    table = plotted.table(name, trained(cells))
    assert table.columns[table.columns.get_loc("density") + 1] == "learning_rate"
    assert set(table["learning_rate"]) == set(values)


def test_a_figure_that_cannot_show_cells_says_so_and_where_it_ended():
    (cell,) = plotted.cells("energy_levels")
    its = cell.weights.cell.model_copy(update={"swept": {"learning_rate": 0.1}})
    cells = [cell, TrainedCell(f"{cell.name}+learning_rate0.1", replace(cell.weights, cell=its))]
    told = (
        r"The figure energy_levels cannot show these cells \(relu of .*, swept learning_rate\): "
        r"it .* \(It ended in energy_levels\.py, line \d+, with ValueError: too many values"
    )
    with pytest.raises(UserError, match=told):
        plotting.plotted("energy_levels", cells)


def test_a_readers_settings_and_other_experiments_do_not_change_a_figure(tmp_path):
    among = ideal.demonstration() | ideal.intro()
    expected = plotted.files("intro", ideal.intro(), tmp_path / "plain")
    with mpl.rc_context({"font.size": 20, "svg.hashsalt": "other", "axes.facecolor": "black"}):
        assert plotted.files("intro", among, tmp_path) == expected
        assert mpl.rcParams["font.size"] == 20
    saved = (tmp_path / "intro.svg").read_text(encoding="utf-8")
    assert FIGURES["intro"].title in saved
    assert "<dc:date>" not in saved


@pytest.mark.parametrize(
    ("name", "n", "m", "densities"),
    [
        ("demonstration", 3, 1, 1),
        ("demonstration", 80, 20, 2),
        ("demonstration", 6, 2, 9),
        ("intro", 1, 2, 1),
        ("intro", 2, 2, 2),
        ("intro", 8, 2, 7),
    ],
)
def test_figures_are_plotted_at_other_sizes_and_densities(name, n, m, densities):
    cells = trained(plotted.noisy(name, n, m, densities))
    assert plotted.svg(plotted.figure(name, cells)).count("-density-") >= densities
    assert plotted.table(name, cells).norm.notna().sum() == densities * n


@pytest.mark.parametrize("mirror", [1, -1])
def test_every_rotation_and_reflection_of_a_solution_is_plotted_alike(mirror):
    random = np.random.default_rng(0)
    W = ideal.polygon(5) + 0.05 * random.standard_normal((2, 5))
    turned = np.linalg.qr(random.standard_normal((2, 2)))[0] * [[1], [mirror]] @ W
    tips = []
    for one in (W, turned):
        cell = ideal.weights("relu", one, np.zeros(5), 0.1, 0.9, rotate=False)
        axes = plotted.figure("intro", {"intro/relu_p0.1": cell}).axes[0]
        tips.append([line.get_xydata()[0] for line in axes.lines if line.get_marker() == "o"])
    np.testing.assert_allclose(tips[0], tips[1], atol=1e-6)
    first, second = np.array(tips[0])[[4, 3]]  # the least important is plotted first
    assert first[0] == pytest.approx(0, abs=1e-6)
    assert first[1] > 0
    assert second[0] > 0


@pytest.mark.parametrize(
    ("W", "words"),
    [
        (np.eye(2, 5), ("two features, a dimension each", "three not represented")),
        (ideal.polygon(4, n=5), ("two antipodal pairs", "one not represented")),
        (ideal.polygon(5), ("five features as a pentagon", "all represented")),
        (ideal.polygon(3, n=5), ("three features as a triangle", "two not represented")),
        (
            np.array([[1, -1, 0], [0, 0, 1.0]]),
            ("one antipodal pair and one alone", "all represented"),
        ),
        (0.3 * ideal.polygon(5), ("no features in two dimensions", "five not represented")),
        (np.eye(2, 3) * [[1], [0]], ("one feature in two dimensions", "two not represented")),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_panels_are_described_by_what_is_in_them(W, words):
    assert describe(W) == words


def test_the_papers_norms_are_shown_only_for_the_papers_task():
    linear = paper_norms(ideal.cell("linear", 20, 5, 0.5, 0.7, 1))
    assert (linear > 0.9).tolist() == [True] * 5 + [False] * 15
    relu = [paper_norms(ideal.cell("relu", 20, 5, p, 0.7, 1)) for p in ideal.DENSITIES]
    assert [int((norms >= 0.95).sum()) for norms in relu] == [5, 7, 9, 10, 11, 12, 12]
    for model, n, m, density, decay in (
        ("relu", 20, 5, 0.5, 0.7),
        ("relu", 20, 5, 0.3, 0.9),
        ("relu", 80, 20, 0.3, 0.7),
        ("absolute", 20, 5, 0.3, 0.7),
    ):
        assert paper_norms(ideal.cell(model, n, m, density, decay, 1)) is None


def test_signed_colours_are_blue_below_white_at_zero_and_red_above():
    low, zero, high = (style.SIGNED(style.SIGNED_RANGE(value))[:3] for value in (-0.5, 0, 0.5))
    assert low[2] > low[0]
    assert high[0] > high[2]
    assert min(zero) > 0.95


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


@pytest.mark.parametrize("name", ["hardened", "tradeoff"])
def test_more_densities_than_colours_are_all_plotted(name):
    densities = (0.5, 0.4, 0.3, 0.25, 0.2, 0.1, 0.05)
    words = plotted.texts(plotted.figure(name, plotted.CELLS[name](densities=densities)))
    assert all(f"$1-S$ = {density:g}" in words for density in densities)


def test_enumeration_shows_dictionaries_whose_latents_are_all_dead():
    figure = plotting.plot("enumeration", plotted.enumerated(penalties=(5.0,), learning_rate=0.05))
    assert plotted.lacks(figure, ["4 latents", "8 latents"]) == []


def test_features_found_are_a_line_over_the_penalty_for_each_size_with_every_run():
    figure = plotted.example("enumeration")
    axes = next(axes for axes in figure.axes if axes.get_gid() == "found-0.1")
    lines = [line for line in axes.lines if line.get_linestyle() == "-"]
    assert [line.get_xdata().tolist() for line in lines] == [[0.1], [0.1]]  # of 4 and 8 latents
    runs = [line for line in axes.lines if line.get_linestyle() == "None"]
    assert len(runs) == 2 * 3
    of_eight = sorted(float(line.get_ydata()[0]) for line in runs[3:])
    assert lines[1].get_ydata()[0] == of_eight[1]


def test_a_stack_says_where_it_is_cut_and_colours_the_largest_weights_of_a_neuron():
    axes = Figure().add_subplot()
    colours = [style.BLUE, style.GREEN, style.ORANGE, style.SKY]
    W = np.array([[3.0, 2.0, -1.0, -4.0]])
    stacks.stack(axes, W, colours, (-2.0, 4.0), coloured=2, numbered_from=0.5)
    assert [text.get_text() for text in axes.texts] == ["4", "1", "−5", "5"]
    shown = [to_hex(colour) for colour in axes.collections[0].get_facecolor()]
    assert shown == [style.SKY, style.BLUE, style.IGNORED.lower()]


def test_a_stack_colours_no_rectangle_without_room_for_its_number_where_colours_are_few():
    axes = Figure().add_subplot()
    W = np.array([[1.0, 0.1]])
    stacks.stack(axes, W, [style.BLUE, style.GREEN], (-2.0, 4.0), coloured=2, numbered_from=0.5)
    shown = [to_hex(colour) for colour in axes.collections[0].get_facecolor()]
    assert shown == [to_hex(style.BLUE), style.IGNORED.lower()]


def test_one_neuron_that_takes_away_too_little_alone_is_told_from_one_that_takes_enough():
    """Of the harm of 4, one neuron takes 3 and another 2."""
    W, W_out = ideal_neurons.asymmetric()
    W[0], W_out[:, 0] = W[6], W_out[:, 6]
    W_out[4, 6], W_out[4, 0] = -6.0, -4.0
    cells = {"motif/absolute_p0.1": ideal_neurons.signed_weights(0.1, W, W_out)}
    table = plotted.table("motif", trained(cells))
    harmed = table[(table.panel == "motif") & (table.neuron == 5)]
    np.testing.assert_allclose(harmed.taken_away, 3.0, rtol=1e-6)
    np.testing.assert_allclose(harmed.taken_by_all, 5.0, rtol=1e-6)
    assert harmed.is_cancelled.all()
    assert not harmed.is_undone_by_one.any()


def test_labels_are_moved_up_until_they_are_apart_and_no_farther():
    assert apart([0.0, 0.5, 0.6, 2.0], 1.0) == [0.0, 1.0, 2.0, 3.0]
    assert apart([0.0, 1.0, 5.0], 1.0) == [0.0, 1.0, 5.0]


@pytest.mark.parametrize("name", ["correlated_pairs", "anticorrelated_pairs"])
def test_every_run_of_pairs_is_plotted_with_its_loss(name):
    *_, losses = plotted.example(name).axes
    shown = [line for line in losses.lines if line.get_transform() == losses.transData]
    plain = [loss for cell in plotted.cells(name) for loss in cell.loss.tolist()]
    seen = sorted(float(y) for line in shown for y in line.get_ydata())
    np.testing.assert_allclose(seen, sorted(max(loss, 1e-7) for loss in plain))


def test_networks_of_another_size_are_not_compared_with_the_paper():
    cell = ideal_neurons.weights("relu_hidden", 0.2, np.eye(3, 4), decay=0.75)
    figure = plotted.figure("neurons", {"neurons/relu_hidden_p0.2": cell})
    assert "paper" not in plotted.texts(figure)


def test_a_network_without_the_motif_is_plotted_all_the_same():
    W, W_out = ideal_neurons.plain(9, 6)
    W[8] = 0
    cells = {"motif/absolute_p0.1": ideal_neurons.signed_weights(0.1, W, W_out)}
    assert "0 of 3 networks\n" in plotted.texts(plotted.figure("motif", cells))


def test_best_of_all_runs_is_the_lowest_and_of_one_their_mean():
    losses = np.array([3.0, 1.0, 2.0, 6.0])
    found = neuron_runs.expected_lowest(losses, [1, 2, 4])
    pairs = [min(a, b) for k, a in enumerate(losses) for b in losses[k + 1 :]]
    np.testing.assert_allclose(found, [3.0, np.mean(pairs), 1.0])


def test_colours_are_those_of_the_papers_map():
    grey, blue, red = style.phase(np.array([0.0, 1.0, 1.5]), np.array([1.0, 0.0, 2.0]))
    assert np.ptp(grey) < 0.01
    assert blue.argmax() == 2
    assert red.argmax() == 0
    purple = style.phase(np.array(1.0), np.array(0.5))
    np.testing.assert_allclose(purple, (blue + red) / 2)


def test_the_averaged_reading_leaves_the_worst_run_out():
    cells = {"": plotted.cells("phase_two")[0].weights}
    worst = changed(cells, "", W=lambda W: [np.full_like(W[0], 5.0), *W[1:]])[""]
    averaged = trained({"": replace(worst, loss=np.array([9.0, 1.0, 2.0]))})
    assert mean_of_all_but_the_worst(averaged) == of_lowest_loss(trained(cells))


def test_every_activation_has_its_diagrams_of_the_best_and_of_all_runs():
    figure = plotted.example("phase_activations")
    left, middle, right, *below, _ = (axes for axes in figure.axes if axes.images)
    assert len(below) == 3
    assert plotted.lacks(figure, ["ReLU output", "GELU output", "tanh output"]) == []
    pictures = [axes.images[0].get_array() for axes in (left, middle, right)]
    red = [(picture == [221, 68, 68]).all(axis=-1).mean() for picture in pictures]
    assert red[0] > red[1] + 0.1 > red[2] + 0.3
    assert red[2] == 0


def test_every_trained_point_is_in_the_picture_where_the_axes_say():
    axes = plotted.example("phase_two").axes[2]
    picture = axes.images[0].get_array()
    assert axes.get_xlim()[0] < -1 < 1 < axes.get_xlim()[1]
    # Top left: the extra feature is left out; top right: it is alone; bottom: in superposition.
    assert picture[5, 5].tolist() == [221, 221, 221]
    assert picture[5, -5].tolist() == [0, 51, 153]
    assert picture[-5, 200].tolist() == [221, 68, 68]


def test_minima_are_where_the_loss_is_lower_than_around():
    angles = np.linspace(0, 2 * np.pi, 16)
    around = 0.01 * np.stack([np.cos(angles), np.sin(angles)])
    for density in (1.0, 0.7, 0.3):
        found = phase_surfaces.minima(0.5, density)
        assert found
        for w_1, w_2, loss in found:
            w = np.add(around, [[w_1], [w_2]])
            assert (bias_free.loss(*w, np.array(0.5), np.array(density)) > loss).all()


def test_the_lowest_minimum_changes_from_one_direction_to_opposite_ones():
    assert phase_surfaces.minima(1.0, 0.9)[0][1] > 0
    assert phase_surfaces.minima(1.0, 0.3)[0][1] < 0


def diverged(cell):
    """A cell of which all runs have diverged."""
    lost = replace(cell.weights, loss=np.full(len(cell), np.nan))
    return TrainedCell(cell.name, lost, cell.dictionaries.values())


@pytest.mark.parametrize(
    "name", ["demonstration", "phase_two", "dimensions", "energy_levels", "enumeration", "neurons"]
)
def test_a_figure_says_which_cells_diverged_and_shows_the_others(name):
    shown = figures.spec(name).experiments
    first, *others = [cell for cell in plotted.cells(name) if cell.experiment in shown]
    figure = plotting.plot(name, [diverged(first), *others])
    said = plotted.texts(figure)
    assert f"Not shown: {first.name} diverged." in said.replace("\n", " ")
    assert len(figure.axes) > 0 or not others
    plotted.svg(figure)


@pytest.mark.parametrize("name", ["competition", "neuron_runs", "demonstration"])
def test_a_figure_of_which_a_whole_model_or_experiment_diverged_is_plotted(name):
    *_, last = cells = plotted.cells(name)
    lost = [(cell.model, cell.experiment) == (last.model, last.experiment) for cell in cells]
    cells = [diverged(cell) if is_lost else cell for cell, is_lost in zip(cells, lost, strict=True)]
    assert "diverged and" in plotted.texts(plotting.plot(name, cells)).replace("\n", " ")
