"""The content of the report, and that it is the same for the same results."""

import base64
import re
import shutil
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from project import without_conditions
from small_results import PLAN, PNG, ROOT, SETTINGS, SVG, VERDICTS, make
from small_results import verdict as made

from superposition.base.errors import UserError
from superposition.claims import CLAIMS, Outcome
from superposition.claims.rendering import finding, show
from superposition.claims.verdict import NOT_COMPUTED
from superposition.cli import main
from superposition.config.load import load
from superposition.figures import FIGURES
from superposition.report import conditions, contents, page
from superposition.report.contents import picture
from superposition.report.dictionary import TABLES
from superposition.report.experiments import label, words
from superposition.report.typography import formula, slug
from superposition.workflow.plan import Plan
from superposition.workflow.report_inputs import ReportInputs

SINGLE = {"meta", "link", "br", "img", "input"}


class Reader(HTMLParser):
    """Reads a page: its ids, what refers to them, its links, and what stays open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.named: set[str] = set()
        self.links: list[str] = []
        self.open: list[str] = []
        self.elements: list[tuple[str, dict]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        given = dict(attributes)
        self.elements.append((tag, given))
        self.open += [tag] if tag not in SINGLE else []
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given[key] for key in ("href", "src") if key in given]
        for key in ("aria-labelledby", "aria-describedby"):
            self.named |= set(given.get(key, "").split())

    def handle_endtag(self, tag: str) -> None:
        if tag not in SINGLE:
            assert self.open.pop() == tag


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Path:
    return make(tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def text(results: Path) -> str:
    return page(SETTINGS, results)


@pytest.fixture(scope="module")
def read(text: str) -> Reader:
    return Reader(text)


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", "", text))


def test_elements_are_closed_ids_are_unique_and_references_lead_somewhere(read):
    assert read.open == []
    assert [name for name, times in Counter(read.ids).items() if times > 1] == []
    inside = {link[1:] for link in read.links if link.startswith("#")}
    assert inside | read.named <= set(read.ids)


def test_nothing_is_loaded_from_anywhere(text, read):
    loaded = [given for tag, given in read.elements if tag in ("link", "img", "script", "iframe")]
    assert all((given.get("src") or given["href"]).startswith("data:") for given in loaded)
    assert "<script" not in text
    assert not re.findall(r"@import|@font-face|url\((?!#)", text)
    assert "default-src 'none'" in text


def test_links_to_files_are_relative_and_to_what_the_build_makes(read):
    outside = {link for link in read.links if not link.startswith(("#", "data:", "https://"))}
    assert outside
    assert {f"results/{link}" for link in outside} <= set(PLAN.results())


def test_every_figure_is_there_with_caption_label_and_command(text, read):
    labels = {given["alt"] for tag, given in read.elements if tag == "img"}
    assert labels == {FIGURES[name].title for name in PLAN.figures}
    for name in PLAN.figures:
        assert f"make ARGS=results/figures/{name}.svg" in text
        assert f'<figcaption id="{name}-caption">' in text
        assert str(formula(FIGURES[name].caption)) in text


def test_a_claim_has_measured_and_expected_values_source_verdict_and_findings(text):
    told = plain(re.search(r'<article class="claim deviates" id="C2".*?</article>', text, re.S)[0])
    assert "What C2 claims of Wi &amp; b. deviates" in told
    assert "largest ‖Wi‖ 1, 0.500 outside" in told
    assert "0.9 to 1.1, ≥ 0.9 ours: the paper\u2019s figure says as much" in told
    assert "Deviates: outside" in told
    assert "What an experiment shows. It\u2019s noise: Ii = 0.9i &lt;b&gt;." in told
    assert "All of it holds in 2 of 3 runs. It fails on the control: a random start." in told


def test_a_claim_that_most_single_runs_would_not_pass_says_so(text):
    told = plain(
        re.search(r'<article class="claim replicates" id="X1".*?</article>', text, re.S)[0]
    )
    assert "Fewer than half of single runs: all of it holds in 1 of 3. It replicates as" in told
    assert text.count('<p class="why seldom">') == 1
    assert "X1 replicates, in fewer than half of single runs" in plain(text)


def test_each_claim_is_told_once_with_the_first_figure_that_bears_it(text, read):
    for verdict in VERDICTS:
        assert read.ids.count(verdict.id) == 1
    assert text.index('id="intro"') < text.index('id="C1"') < text.index('id="demonstration"')


def test_the_summary_counts_every_outcome(text):
    top = plain(text[: text.index('<section class="part told"')])
    assert "2 of 7 empirical claims replicate" in top
    assert (
        "Counted separately, these hold: of derivations, 1 of 1 (X4); of observations of ours, 1 "
        "of 1 (E1)." in top
    )
    for words_of in ("2 replicate", "1 in part", "1 deviates", "1 unstable", "1 void"):
        assert words_of in top


def test_the_first_screen_says_what_holds_what_does_not_and_what_to_distrust(text):
    told = plain(re.search(r'<dl class="brief">.*?</dl>', text, re.S)[0])
    all_claims = sum(claim.origin == "paper" for claim in CLAIMS)
    held = f"2 of 7 empirical claims that this build tests (the paper has {all_claims})"
    assert f"holds{held}; in 0 of 3 sections, every one." in told
    assert (
        "What does not1 deviates, 1 holds in part, 1 changes with the seed, 1 is void and 1 is not "
        "tested, 3 of them about Introduction; for 1, experiments of ours show why." in told
    )
    assert "What to distrust8 of 8 thresholds are ours" in told
    assert "8 claims rest on the one run" in told
    assert "1 of those that hold would not hold in most single runs." in told
    places = ["<h1>", 'href="explorer.html"', '<p class="plot opening"><a href="#intro">']
    places += ['<dl class="brief">', 'id="verdicts"', '<fieldset class="filter">']
    assert sorted(places, key=text.index) == places


def test_what_does_not_hold_is_listed_with_what_was_found(text):
    listed = re.findall(r'<ul class="deviating">(.*?)</ul>', text, re.S)
    deviates, unstable, in_part = map(plain, listed)
    assert deviates == " C2 It\u2019s noise: Ii = 0.9i &lt;b&gt;. "
    assert unstable.endswith("; it replicates with seed 0, deviates with seeds 1 and 2. ")
    assert "What" not in in_part


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"explanations": ("A reason with 1.5 of it. More.",)}, "A reason with 1.5 of it."),
        ({"explanations": (f"{NOT_COMPUTED} (x): make explanations",)}, None),
        ({"explanations": ()}, None),
        ({"explanations": (), "low": (0.9, 0.9), "high": (1.1, 1.1), "source": "paper"}, "range"),
    ],
    ids=["explained", "not computed", "not explained", "a range"],
)
def test_a_finding_is_what_was_measured_where_no_experiment_says_more(given, told):
    plainly = {
        None: "Largest ‖W_i‖: 1, 0.500, expected 0.9 to 1.1, ≥ 0.9.",
        "range": "Largest ‖W_i‖: 0.500 to 1 over 2 densities, expected 0.9 to 1.1.",
    }
    check = made("C2", Outcome.DEVIATES).checks[0].model_copy(update=given)
    assert finding(made("C2", Outcome.DEVIATES, checks=(check,))) == plainly.get(told, told)


def test_a_range_says_over_what():
    check = made("C1", Outcome.REPLICATES).checks[0]
    check = check.model_copy(update={"high": (None, None), "measured": (1.0, 2.0)})
    for cells, told in (
        (("relu at 1 − S = 1", "relu at 1 − S = 0.1"), "1 to 2 over 2 densities"),
        (("relu at 1 − S = 1", "linear at 1 − S = 1"), "1 to 2 over 2 cells"),
        (("relu at 1 − S = 1, attack 1", "relu at 1 − S = 1, attack 2"), "1 to 2 over 2 cells"),
        (("relu, 100 points",), "1 to 2 over 2 values"),
    ):
        assert show(made("C1", Outcome.REPLICATES, cells=cells), check) == told


def test_figures_that_a_build_lacks_are_named_with_what_they_are_for_want_of(results):
    experiments = [one for one in SETTINGS["experiments"] if one["name"] != "intro"]
    figures = [
        one for one in SETTINGS["figures"] if "intro" not in FIGURES[one["name"]].experiments
    ]
    text = page({"experiments": experiments, "figures": figures}, results)
    told = plain(text)
    assert (
        f"Not in this build: the figure “{plain(formula(FIGURES['intro'].title))}”, because its "
        "configuration has no intro." in told
    )
    assert 'id="intro"' not in text


def test_runs_that_diverged_are_told_where_their_experiment_is(results, tmp_path):
    for one in results.iterdir():
        (tmp_path / one.name).symlink_to(one)
    assert "diverged" not in page(SETTINGS, tmp_path)
    (tmp_path / "metrics").mkdir()
    table = "run,loss,total_dimensionality\n0,1.5,2\n1,,\n2,,\n"
    (tmp_path / "metrics/intro.runs.csv").write_text(table)
    told = plain(page(SETTINGS, tmp_path))
    assert "2 runs diverged and are left out." in told
    assert told.count("2 runs diverged, and are in no figure and no claim.") >= 2


def test_the_table_beside_a_figure_is_linked(text):
    assert text.count('href="figures/intro.csv"') == 1


def test_every_column_of_every_table_is_told(text):
    told = text[text.index("Every column of every table") :]
    for table in TABLES:
        assert f"<code>{table.file}</code>" in told
        assert all(f"<code>{column.name}</code>" in told for column in table.columns)


def test_no_verdict_is_told_by_colour_alone(text):
    for outcome in Outcome:
        badges = re.findall(rf'<span class="badge {slug(outcome)}">(.*?)</span>', text, re.S)
        assert badges, outcome
        assert all(f"#is-{slug(outcome)}" in badge for badge in badges)
        assert all(str(outcome) in plain(badge) for badge in badges)


def test_sections_are_in_the_order_of_claims_then_of_figures(read):
    sections = [verdict.section for verdict in VERDICTS]
    sections += [FIGURES[name].section for name in PLAN.figures]
    places = list(dict.fromkeys(map(slug, sections)))
    assert [name for name in read.ids if name in places] == places
    assert "a-section-of-its-own" in places


def test_the_page_is_the_same_again_and_elsewhere_but_for_how_it_was_run(
    results, text, monkeypatch
):
    assert page(SETTINGS, results) == text
    monkeypatch.setattr(conditions, "_processor", lambda: "another processor")
    elsewhere = page(SETTINGS, results)
    assert elsewhere != text
    assert without_conditions(elsewhere) == without_conditions(text)
    assert "How it was run</h2>" not in without_conditions(text)


def test_settings_and_how_it_was_run_are_told(text):
    told = plain(re.search(r'id="experiment-intro">.*?</details>', text, re.S)[0])
    for setting in ("features n5", "importance Ii0.9i", "optimizerAdam", "steps300", "seed0"):
        assert setting in told
    told = plain(text[text.index('id="conditions"') :])
    assert "plot figures13.5 s2.0 s3.5 s100 MB" in told
    assert "judge claims10.1 s" in told
    assert "jinja2" in told
    assert conditions._processor() in told.replace("&#39;", "'")


def test_results_without_times_are_no_mistake_and_a_missing_figure_is_named(results, tmp_path):
    (tmp_path / "claims.json").symlink_to(results / "claims.json")
    with pytest.raises(UserError, match=r"Cannot read .*intro\.svg"):
        page(SETTINGS, tmp_path)
    (tmp_path / "figures").symlink_to(results / "figures")
    assert "No times were kept with these results" in page(SETTINGS, tmp_path)


def test_a_large_figure_is_shown_as_its_png_if_that_is_much_smaller(results, monkeypatch):
    for content, kind in ((SVG.encode(), "svg+xml"), (PNG, "png")):
        source = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
        assert picture("intro", results / "figures") == (source, 653, 267, kind == "png")
        monkeypatch.setattr(contents, "LARGE", 100)


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("‖W_i‖ > 0.9", "‖W<sub>i</sub>‖ &gt; 0.9"),
        ("L' / L'_0", "L&#39; / L&#39;<sub>0</sub>"),
        ("Σ_{j≠i} (Ŵ_i · W_j)²", "Σ<sub>j≠i</sub> (Ŵ<sub>i</sub> · W<sub>j</sub>)²"),
        ("0.9^i and 10^{−3}", "0.9<sup>i</sup> and 10<sup>−3</sup>"),
        ("relu_p0.1 in geometry_wide, x_extra", "relu_p0.1 in geometry_wide, x_extra"),
        ("authors' own, x' and 3 %", "authors\u2019 own, x&#39; and 3\u00a0%"),
        ("at 1 − S = 0.1", "at 1\u00a0−\u00a0S = 0.1"),
        ("<script>", "&lt;script&gt;"),
    ],
)
def test_formulae_are_set_and_everything_else_is_escaped(given, made):
    assert str(formula(given)) == made


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"decay": 0.9}, "0.9^i"),
        ({"first": 1.0, "last": 0.05, "points": 10}, "10 values from 1 to 0.05 in equal ratios"),
        ({"first": 1.0, "last": 0.01}, "from 1 to 0.01 in equal ratios"),
        ([[0, 1], [2, 3]], "{0, 1}, {2, 3}"),
        ([list(range(10))], "{0 … 9}"),
        ([[0.1, 0.1, 0.1, 0.1, 0.02]], "{0.1, 0.1, 0.1, 0.1, 0.02}"),
        (1e-8, "1e−8"),
        (32768, "32,768"),
        ("adamw", "AdamW"),
        ({"steps": 3}, "steps 3"),
    ],
)
def test_settings_are_put_into_words(value, told):
    assert words(value) == told
    assert label("a_new_key") == "a new key"


def test_the_command_writes_the_page_beside_the_results(results, tmp_path, capsys, monkeypatch):
    config = [str(ROOT / "config.yaml"), str(ROOT / "tests/smoke.yaml")]
    monkeypatch.chdir(tmp_path)
    assert main(["report", "--config", *config]) == 1
    assert "Run make to build it" in capsys.readouterr().err
    shutil.copytree(results, "results")
    assert main(["report", "--config", *config]) == 0
    assert Path("results/report.html").read_text(encoding="utf-8") == page(SETTINGS, results)


def test_settings_hold_what_decides_the_page_and_not_the_engine():
    durations = {figure["name"]: figure["duration"] for figure in SETTINGS["figures"]}
    assert durations == PLAN.durations()
    assert "engine" not in SETTINGS


def test_the_page_says_of_every_experiment_what_it_sweeps():
    plan = Plan(load(ROOT / "config.yaml", ROOT / "tests/smoke.yaml"))
    for told in ReportInputs(plan).settings()["experiments"]:
        for cell in plan.cells_of(told["name"]).values():
            for key, value in cell.swept.items():
                as_written = [value] if key in told["settings"] else []
                assert value in told["training"].get(key, as_written)
