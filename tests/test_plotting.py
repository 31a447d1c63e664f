import subprocess
import sys

import drawn
import ideal
import matplotlib as mpl
import numpy as np
import pytest

from superposition.errors import UserError
from superposition.plotting import FIGURES as ALL
from superposition.plotting import draw, style
from superposition.plotting.intro import describe, upright
from superposition.plotting.paper import paper_norms

WEIGHTS = {"intro": ideal.intro, "demonstration": ideal.demonstration}
FIGURES = {name: ALL[name] for name in WEIGHTS}


def test_every_figure_has_a_title_a_caption_and_a_module_that_draws():
    for figure in ALL.values():
        assert figure.title
        assert figure.caption.endswith(".")


def twice(folder):
    """Draw both figures; return the digests of one's files, and the other as SVG."""
    demonstration = drawn.svg(drawn.figure("demonstration", ideal.demonstration()))
    return {"demonstration": demonstration, **drawn.files("intro", ideal.intro(), folder)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("plain")


@pytest.fixture(scope="module")
def digests(folder):
    return twice(folder)


def test_figures_are_the_same_bytes_in_another_process(digests, tmp_path):
    assert digests == drawn.elsewhere(__name__, tmp_path)
    assert {f"intro.{ending}" for ending in ("pdf", "png", "svg")} < set(digests)


def test_a_readers_matplotlib_settings_do_not_change_a_figure(digests, tmp_path):
    with mpl.rc_context({"font.size": 20, "svg.hashsalt": "other", "axes.facecolor": "black"}):
        changed = drawn.files("intro", ideal.intro(), tmp_path)
        assert mpl.rcParams["font.size"] == 20
    assert changed.items() <= digests.items()


def test_svg_names_its_panels_and_its_subject(digests, folder):
    svg = digests["demonstration"]
    for density in ("1", "0.3", "0.1", "0.03", "0.01", "0.003", "0.001"):
        for panel in ("gram-linear", "bias-relu", "norms-relu"):
            assert f'id="{panel}-density-{density}"' in svg
    saved = (folder / "intro.svg").read_text(encoding="utf-8")
    assert FIGURES["intro"].title in saved
    assert "<dc:date>" not in saved


@pytest.mark.parametrize(("n", "m", "densities"), [(3, 1, 1), (80, 20, 2), (6, 2, 9)])
def test_demonstration_is_drawn_at_other_sizes_and_densities(n, m, densities):
    random = np.random.default_rng(n)
    cells = {}
    for density in np.linspace(1, 0.1, densities).tolist():
        W, b = random.standard_normal((m, n)), random.standard_normal(n)
        cells[f"demonstration/relu_p{density:g}"] = ideal.weights("relu", W, b, density, 0.9)
    assert drawn.svg(drawn.figure("demonstration", cells))


@pytest.mark.parametrize(("n", "densities"), [(1, 1), (2, 2), (8, 4)])
def test_intro_is_drawn_with_other_features_and_densities(n, densities):
    random = np.random.default_rng(n)
    cells = {
        f"intro/relu_p{density:g}": ideal.weights(
            "relu", random.standard_normal((2, n)), np.zeros(n), density, 0.9
        )
        for density in np.linspace(1, 0.1, densities).tolist()
    }
    assert drawn.svg(drawn.figure("intro", cells))


def test_weights_of_other_experiments_do_not_change_a_figure(digests, tmp_path):
    among = drawn.files("intro", ideal.demonstration() | ideal.intro(), tmp_path)
    assert among.items() <= digests.items()


def test_a_figure_without_weights_says_which_experiment_it_shows(tmp_path):
    with pytest.raises(UserError, match="shows experiment intro"):
        draw("intro", ideal.demonstration(), tmp_path)


@pytest.mark.parametrize("mirror", [1, -1])
def test_every_rotation_and_reflection_of_a_solution_is_drawn_alike(mirror):
    random = np.random.default_rng(0)
    W = ideal.polygon(5) + 0.05 * random.standard_normal((2, 5))
    turned = np.linalg.qr(random.standard_normal((2, 2)))[0] * [[1], [mirror]] @ W
    np.testing.assert_allclose(upright(turned), upright(W), atol=1e-12)
    assert upright(W)[0, 0] == pytest.approx(0, abs=1e-12)
    assert upright(W)[1, 0] > 0
    assert upright(W)[0, 1] > 0


def test_upright_keeps_all_angles_and_lengths():
    W = np.random.default_rng(1).standard_normal((2, 6))
    np.testing.assert_allclose(upright(W).T @ upright(W), W.T @ W)


def test_upright_leaves_weights_without_direction_alone():
    np.testing.assert_array_equal(upright(np.zeros((2, 3))), np.zeros((2, 3)))


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
    counts = [
        int((paper_norms(ideal.cell("relu", 20, 5, density, 0.7, 1)) >= 0.95).sum())
        for density in ideal.DENSITIES
    ]
    assert counts == [5, 7, 9, 10, 11, 12, 12]
    assert paper_norms(ideal.cell("relu", 20, 5, 0.5, 0.7, 1)) is None
    assert paper_norms(ideal.cell("relu", 20, 5, 0.3, 0.9, 1)) is None
    assert paper_norms(ideal.cell("relu", 80, 20, 0.3, 0.7, 1)) is None
    assert paper_norms(ideal.cell("absolute", 20, 5, 0.3, 0.7, 1)) is None


def test_signed_colours_are_blue_below_white_at_zero_and_red_above():
    low, zero, high = (style.SIGNED(style.SIGNED_RANGE(value))[:3] for value in (-0.5, 0, 0.5))
    assert low[2] > low[0]
    assert high[0] > high[2]
    assert min(zero) > 0.95


def test_asking_which_weights_a_figure_needs_does_not_load_matplotlib():
    script = "import sys; import superposition.plotting; sys.exit('matplotlib' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)
