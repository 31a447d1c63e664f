"""What the page to read holds, and that it is the same for the same results."""

import base64
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from small_results import PLAN, PNG, ROOT, SETTINGS, SVG, VERDICTS, make

from superposition.claims import Outcome
from superposition.cli import main
from superposition.digests import closure, code_digest
from superposition.errors import UserError
from superposition.plotting import FIGURES
from superposition.reporting import TEMPLATES, conditions, drawings, page, without_conditions
from superposition.reporting.contents import merged
from superposition.reporting.drawings import drawing
from superposition.reporting.experiments import label, words
from superposition.reporting.typography import formula, slug
from superposition.signatures import STAGES
from superposition.telling import Telling

SINGLE = {"meta", "link", "br", "img"}


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
        if tag not in SINGLE and not self.get_starttag_text().endswith("/>"):
            self.open.append(tag)
        if "id" in given:
            self.ids.append(given["id"])
        for key in ("aria-labelledby", "aria-describedby"):
            self.named |= set(given.get(key, "").split())
        for key in ("href", "src"):
            self.links += [given[key]] if key in given else []
        for value in given.values():
            self.named |= set(re.findall(r"url\(#([^)]+)\)", value or ""))

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        elif tag not in SINGLE:
            assert tag not in self.open, f"</{tag}> closes {self.open[-1]}"


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


def test_every_element_is_closed(read):
    assert read.open == []


def test_no_two_elements_have_the_same_id_although_drawings_do(read):
    assert [name for name, times in Counter(read.ids).items() if times > 1] == []
    assert "intro-mark" in read.ids
    assert "demonstration-mark" in read.ids


def test_everything_that_is_referred_to_within_the_page_is_there(read):
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
    made = {*PLAN.weights(), *PLAN.tables(), *PLAN.dictionaries()}
    made |= {name.replace(".runs.", ".features.") for name in PLAN.tables()}
    made |= {name.replace(".csv", ".safetensors") for name in PLAN.tables()}
    made |= {f"results/figures/{name}.{kind}" for name in FIGURES for kind in ("svg", "pdf", "png")}
    made |= {f"results/claims.{kind}" for kind in ("json", "csv", "md")}
    assert outside
    assert {f"results/{link}" for link in outside} <= made


def test_every_figure_is_there_with_caption_label_and_command(text, read):
    labels = {given["aria-label"] for _, given in read.elements if given.get("role") == "img"}
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
    assert "All of it holds in 2 of 3 runs. Control: a random start; it does not fit" in told


def test_each_claim_is_told_once_with_the_first_figure_that_bears_it(text, read):
    for verdict in VERDICTS:
        assert read.ids.count(verdict.id) == 1
    assert text.index('id="intro"') < text.index('id="C1"') < text.index('id="demonstration"')


def test_the_summary_counts_every_outcome_and_names_what_deviates(text):
    top = plain(text[: text.index('<section class="part"')])
    assert "2 of 5 claims replicate" in top
    assert "And 1 of 1 observations of ours hold" in top
    for words_of in ("2 replicate", "1 deviates", "1 void", "1 not tested"):
        assert words_of in top
    assert "C2 What C2 claims" in top


def test_no_verdict_is_told_by_colour_alone(text):
    for outcome in Outcome:
        badges = re.findall(rf'<span class="badge {slug(outcome)}">(.*?)</span>', text, re.S)
        assert badges, outcome
        assert all(f"#is-{slug(outcome)}" in badge for badge in badges)
        assert all(str(outcome) in plain(badge) for badge in badges)


def test_sections_are_in_the_papers_order_with_those_that_only_claims_are_about(read):
    sections = [FIGURES[name].section for name in PLAN.figures]
    order = merged(sections, [verdict.section for verdict in VERDICTS])
    places = [slug(section) for section in order]
    assert [name for name in read.ids if name in places] == places
    assert "a-section-of-its-own" in places
    assert merged("ACD", "ABCE") == ["A", "B", "C", "E", "D"]
    assert merged([], "AB") == ["A", "B"]


def test_settings_of_every_experiment_are_told(text):
    told = plain(re.search(r'id="experiment-intro">.*?</details>', text, re.S)[0])
    for setting in ("features n5", "importance Ii0.9i", "optimizerAdamW", "steps300", "seed0"):
        assert setting in told


def test_the_page_is_the_same_again_and_elsewhere_but_for_how_it_was_run(
    results, text, monkeypatch
):
    assert page(SETTINGS, results) == text
    monkeypatch.setattr(conditions, "_processor", lambda: "another processor")
    elsewhere = page(SETTINGS, results)
    assert elsewhere != text
    assert without_conditions(elsewhere) == without_conditions(text)
    assert "How it was run</h2>" not in without_conditions(text)


def test_how_it_was_run_tells_versions_processor_and_times(text):
    told = plain(text[text.index('id="conditions"') :])
    assert "draw figures13.5 s2.0 s3.5 s100 MB" in told
    assert "judge claims10.1 s" in told
    assert "jinja2" in told
    assert conditions._processor() in told.replace("&#39;", "'")


def test_results_without_times_are_no_mistake(results, tmp_path):
    for name in ("figures", "claims.json"):
        (tmp_path / name).symlink_to(results / name)
    assert "No times were kept with these results" in page(SETTINGS, tmp_path)


def test_a_missing_figure_is_named(results, tmp_path):
    (tmp_path / "claims.json").symlink_to(results / "claims.json")
    with pytest.raises(UserError, match=r"Cannot read .*intro\.svg"):
        page(SETTINGS, tmp_path)


def test_a_drawing_keeps_what_is_seen_and_loses_the_rest(results):
    made = str(drawing("intro", "A title", results / "figures").element)
    assert 'd="M 0 200 L 489.6 200 L 0 0 z"' in made
    assert 'transform="scale(0.015625)"' in made
    assert '<use href="#intro-mark" x="81.7" y="126.34"/>' in made
    assert 'clip-path="url(#intro-clip)"' in made
    for gone in ("<?xml", "DOCTYPE", "metadata", "<style", "<title", "figure_1", "<g/>", "xlink"):
        assert gone not in made
    assert drawing("intro", "", results / "figures").ground == "#fcfbf8"


def test_a_large_drawing_is_shown_as_its_png_if_that_is_much_smaller(results, monkeypatch):
    monkeypatch.setattr(drawings, "LARGE", 100)
    made = drawing("intro", "A title", results / "figures")
    assert made.raster
    assert base64.b64encode(PNG).decode() in made.element
    assert 'alt="A title"' in made.element
    assert (made.width, made.height) == (653, 267)
    monkeypatch.setattr(drawings, "LARGE", len(SVG))
    assert not drawing("intro", "A title", results / "figures").raster


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ("‖W_i‖ > 0.9", "‖W<sub>i</sub>‖ &gt; 0.9"),
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
        (1e-8, "1e−8"),
        (32768, "32,768"),
        ("adamw", "AdamW"),
        ({"steps": 3}, "steps 3"),
    ],
)
def test_settings_are_put_into_words(value, told):
    assert words(value) == told
    assert label("a_new_key") == "a new key"


def test_the_command_writes_the_page_beside_the_results(results, tmp_path, capsys):
    config = [str(ROOT / "config.yaml"), str(ROOT / "tests/smoke.yaml")]
    output = tmp_path / "page.html"
    arguments = ["report", "--results", str(results), "--output", str(output), "--config", *config]
    assert main(arguments) == 0
    assert output.read_text(encoding="utf-8") == page(SETTINGS, results)
    assert main(["report", "--results", str(tmp_path), "--config", *config]) == 1
    assert "Run make to build it" in capsys.readouterr().err


def test_an_edit_of_any_template_rewrites_the_page_and_nothing_else(tmp_path):
    folder = ROOT / "src/superposition"
    assert set(TEMPLATES) == {file.name for file in (folder / "reporting/templates").iterdir()}
    copy = tmp_path / "superposition"
    for file in folder.rglob("*"):
        if file.suffix in (".py", ".html", ".css", ".json") and "__pycache__" not in file.parts:
            (copy / file.relative_to(folder)).parent.mkdir(parents=True, exist_ok=True)
            (copy / file.relative_to(folder)).write_bytes(file.read_bytes())
    before = code_digest("superposition.reporting", root=copy)
    for name in TEMPLATES:
        path = copy / "reporting/templates" / name
        path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        after = code_digest("superposition.reporting", root=copy)
        assert after != before, name
        before = after
    stages = {name: stage.modules for name, stage in STAGES.items() if name != "report"}
    for modules in stages.values():
        names = (f"superposition.{module}" for module in modules)
        assert not [name for name in closure(*names) if "reporting" in name]


def test_settings_hold_what_decides_the_page_and_not_the_engine():
    assert SETTINGS["figures"] == [
        {"name": name, "duration": PLAN.durations()[name]} for name in PLAN.figures
    ]
    assert "engine" not in Telling(PLAN).settings()
