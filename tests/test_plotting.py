import hashlib
import os
import subprocess
import sys
from pathlib import Path

import ideal
import matplotlib as mpl
import numpy as np
import pytest

from superposition.errors import UserError
from superposition.plotting import draw, style
from superposition.plotting.catalogue.demonstration import FIGURES
from superposition.plotting.intro import describe, upright
from superposition.plotting.paper import paper_norms

WEIGHTS = {"intro": ideal.intro, "demonstration": ideal.demonstration}


def test_every_figure_has_a_title_a_caption_and_a_module_that_draws():
    for name, figure in FIGURES.items():
        assert figure.title
        assert figure.caption.endswith(".")
        assert name in WEIGHTS, f"add hand-built weights for figure {name} to these tests"


def test_figures_are_the_same_bytes_in_another_process(tmp_path):
    calls = [f"draw({name!r}, ideal.{w.__name__}(), sys.argv[1])" for name, w in WEIGHTS.items()]
    script = "; ".join(
        ["import sys", "import ideal", "from superposition.plotting import draw", *calls]
    )
    digests = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        environment = os.environ | {
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path]),
        }
        subprocess.run([sys.executable, "-c", script, str(folder)], env=environment, check=True)
        files = sorted(folder.iterdir())
        assert {file.name for file in files} == {
            f"{name}.{ending}" for name in FIGURES for ending in ("pdf", "png", "svg")
        }
        digests.append([hashlib.sha256(file.read_bytes()).hexdigest() for file in files])
    assert digests[0] == digests[1]


def test_a_readers_matplotlib_settings_do_not_change_a_figure(tmp_path):
    draw("intro", ideal.intro(), tmp_path / "plain")
    with mpl.rc_context({"font.size": 20, "svg.hashsalt": "other", "axes.facecolor": "black"}):
        draw("intro", ideal.intro(), tmp_path / "changed")
        assert mpl.rcParams["font.size"] == 20
    plain, changed = (
        (tmp_path / folder / "intro.svg").read_bytes() for folder in ("plain", "changed")
    )
    assert plain == changed


def test_svg_names_its_panels_and_its_subject(tmp_path):
    draw("demonstration", ideal.demonstration(), tmp_path)
    svg = (tmp_path / "demonstration.svg").read_text(encoding="utf-8")
    for density in ("1", "0.3", "0.1", "0.03", "0.01", "0.003", "0.001"):
        for panel in ("gram-linear", "bias-relu", "norms-relu"):
            assert f'id="{panel}-density-{density}"' in svg
    assert FIGURES["demonstration"].title in svg
    assert "<dc:date>" not in svg


@pytest.mark.parametrize(("n", "m", "densities"), [(3, 1, 1), (30, 6, 3), (80, 20, 9)])
def test_demonstration_is_drawn_at_other_sizes_and_densities(n, m, densities, tmp_path):
    random = np.random.default_rng(n)
    cells = {}
    for density in np.linspace(1, 0.1, densities).tolist():
        W, b = random.standard_normal((m, n)), random.standard_normal(n)
        cells[f"demonstration/relu_p{density:g}"] = ideal.weights("relu", W, b, density, 0.9)
    assert all(path.stat().st_size for path in draw("demonstration", cells, tmp_path))


@pytest.mark.parametrize(("n", "densities"), [(1, 1), (2, 2), (8, 4)])
def test_intro_is_drawn_with_other_features_and_densities(n, densities, tmp_path):
    random = np.random.default_rng(n)
    cells = {
        f"intro/relu_p{density:g}": ideal.weights(
            "relu", random.standard_normal((2, n)), np.zeros(n), density, 0.9
        )
        for density in np.linspace(1, 0.1, densities).tolist()
    }
    assert all(path.stat().st_size for path in draw("intro", cells, tmp_path))


def test_weights_of_other_experiments_do_not_change_a_figure(tmp_path):
    draw("intro", ideal.intro(), tmp_path / "alone")
    draw("intro", ideal.demonstration() | ideal.intro(), tmp_path / "among")
    alone, among = ((tmp_path / f / "intro.png").read_bytes() for f in ("alone", "among"))
    assert alone == among


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
