import ideal
import matplotlib as mpl
import numpy as np
import plotted
import pytest

from superposition.figures import FIGURES, style
from superposition.figures.parts.panels import describe
from superposition.figures.parts.paper import paper_norms


def twice(folder):
    """Plot both figures; the digests of one's files, and the other as SVG."""
    demonstration = plotted.svg(plotted.figure("demonstration", ideal.demonstration()))
    return {"demonstration": demonstration, **plotted.files("intro", ideal.intro(), folder)}


@pytest.fixture(scope="module")
def digests(tmp_path_factory):
    return twice(tmp_path_factory.mktemp("plain"))


def test_figures_are_the_same_bytes_in_another_process(digests, tmp_path):
    assert digests == plotted.elsewhere(__name__, tmp_path)
    assert {f"intro.{ending}" for ending in ("pdf", "png", "svg")} < set(digests)


def test_a_readers_settings_and_other_experiments_do_not_change_a_figure(digests, tmp_path):
    among = ideal.demonstration() | ideal.intro()
    with mpl.rc_context({"font.size": 20, "svg.hashsalt": "other", "axes.facecolor": "black"}):
        changed = plotted.files("intro", among, tmp_path)
        assert mpl.rcParams["font.size"] == 20
    assert changed.items() <= digests.items()
    saved = (tmp_path / "intro.svg").read_text(encoding="utf-8")
    assert FIGURES["intro"].title in saved
    assert "<dc:date>" not in saved


def test_svg_names_its_panels(digests):
    for density in ideal.DENSITIES:
        for panel in ("gram-linear", "bias-relu", "norms-relu"):
            assert f'id="{panel}-density-{density:g}"' in digests["demonstration"]


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
    figure = plotted.figure(name, plotted.noisy(name, n, m, densities))
    assert plotted.svg(figure).count("-density-") >= densities


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
