"""Weights that agree with the committed checksums, and those that do not."""

import json
import shutil
from argparse import Namespace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from cells import cell
from small_results import VERDICTS, verdict

from superposition.archive.verify import checksums_command, verify_command
from superposition.base.arrays import FileKind
from superposition.base.errors import UserError
from superposition.base.sealed import seal_figure
from superposition.claims import Outcome, read_json, to_json
from superposition.config.load import load as load_config
from superposition.config.settings import Cell
from superposition.figures import FIGURES
from superposition.model.fingerprints import by_density, fingerprint, how_much, read
from superposition.model.parameters import Parameters
from superposition.model.weights import Weights, load, save
from superposition.workflow.commands import claims, readme

CONFIG = """
seed: 0
runs: 2
evaluation_samples: 8
training: {steps: 10}
experiments:
  a:
    models: [relu]
    n_features: 3
    n_hidden: 2
    importance: 1
    feature_probability: [0.5, 1.0]
"""
DENSE, SPARSE = "a/relu_p1", "a/relu_p0.5"
BEYOND = ("F91", "F92")
BENCHMARK = {
    "date": "2030-01-02",
    "threads": 2,
    "load": 0.5,
    "times_faster_at_n_5": {"than_100_models_batched": 21.9, "than_one_model_at_a_time": 150},
    "rows": [
        {"n": n, "times": {"fused_all": {"turns": [4.0, turn, 9.0]}}}
        for n, turn in ((2, 7.0), (5, 4.26), (5, 4.1))
    ],
}


def markers(*names: str) -> str:
    return "".join(f"<!-- {name}:{edge} -->\n" for name in names for edge in ("start", "end"))


def weights(settings: Cell, change: float = 0.0, **others) -> Weights:
    """Two runs of a cell, as good as trained."""
    W = np.ones((2, 2, 3), dtype=np.float32)
    W[1, 0, 0] += np.float32(change)
    b = np.zeros((2, 3), dtype=np.float32)
    loss = np.array([0.25, 0.5 + change])
    return Weights(settings.model_copy(update=others), (0, 1), Parameters(W, b), loss=loss)


def write(results: Path, experiment: str = "a", **changes) -> Path:
    """Write the weights of an experiment's cells; the changes are to those at density 1."""
    cells = load_config(results / "config.yaml").cells("a")
    path = results / "weights" / f"{experiment}.safetensors"
    found = {
        name.partition("/")[2]: weights(settings, **(changes if name == DENSE else {}))
        for name, settings in cells.items()
    }
    save(path, found)
    return path


@pytest.fixture
def options(tmp_path: Path, capsys, monkeypatch) -> Namespace:
    there = [
        SimpleNamespace(id=id, follow_up=id in BEYOND)
        for id in (*(one.id for one in VERDICTS), *BEYOND)
    ]
    monkeypatch.setattr("superposition.report.readme.CLAIMS", there)
    (tmp_path / "config.yaml").write_text(CONFIG)
    write(tmp_path)
    (tmp_path / "claims.json").write_text(to_json(VERDICTS))
    for folder in ("figures", "docs"):
        (tmp_path / folder).mkdir()
    for name in FIGURES:
        (tmp_path / f"figures/{name}.png").write_bytes(b"a picture")
        sealed = seal_figure(name, b"<svg/>", b"a picture", {})
        (tmp_path / f"figures/{name}.svg").write_bytes(sealed)
    page = tmp_path / "README.md"
    page.write_text(f"Above\n![a](docs/intro.png)\n{markers('claims', 'benchmarks')}Below\n")
    (tmp_path / "docs/figures.md").write_text(markers("figures"))
    (tmp_path / "docs/benchmarks.json").write_text(json.dumps(BENCHMARK))
    options = Namespace(
        results=tmp_path,
        checksums=tmp_path / "checksums.json",
        config=[tmp_path / "config.yaml"],
        readme=page,
        file=tmp_path / "claims.json",
        archive=None,
    )
    readme(options)
    checksums_command(options)
    capsys.readouterr()
    return options


def told(options: Namespace, capsys, code: int) -> str:
    """Output of verify, which must end with this code."""
    capsys.readouterr()
    assert verify_command(options) == code
    return capsys.readouterr().out


def test_results_of_another_configuration_are_told_in_a_sentence(options, capsys):
    config = options.results / "config.yaml"
    config.write_text(CONFIG.replace("seed: 0", "seed: 1"))
    write(options.results)
    config.write_text(CONFIG)
    text = told(options, capsys, 1)
    others = f"0 are not there, 2 have other settings (such as {SPARSE}, {DENSE})"
    assert f"Of 2 cells, {others}, and 0 have the same bytes: these results are un" in text
    assert len(text.splitlines()) == 2


@pytest.mark.parametrize(
    ("changes", "how"),
    [
        ({"change": 0.001}, "in the runs compared, loss by up to 2.0e-03, ‖W‖"),
        ({"seed": 1}, "made with other settings, so not comparable."),
    ],
)
def test_what_differs_is_named_and_how(options, capsys, changes, how):
    write(options.results, **changes)
    text = told(options, capsys, 1)
    assert "1 of 2 checksums are the same." in text
    assert f"differs: {DENSE}: {how}" in text
    assert "1 differs." in text


def test_weights_written_again_agree_whatever_versions_header_they_have(options, capsys):
    path = write(options.results)
    assert "2 of 2 checksums are the same.\nWhat " in told(options, capsys, 0)
    changed = path.read_bytes().replace(b'version\\":\\"0', b'version\\":\\"9')
    assert changed != path.read_bytes()
    path.write_bytes(changed)
    assert "2 of 2 checksums are the same." in told(options, capsys, 0)


def test_text_of_files_does_nothing_in_a_terminal(options, capsys):
    hostile = [one.model_copy(update={"statement": "\x1b[2J"}) for one in read_json(options.file)]
    options.file.write_text(to_json(hostile))
    claims(options)
    assert "\\x1b[2J" in capsys.readouterr().out
    other = FileKind("weights file", "superposition weights 1", "", UserError)
    other.write(options.results / "weights/a.safetensors", {"package_version": "\x1b[2J"}, {})
    assert "\x1b" not in told(options, capsys, 1)
    with pytest.raises(UserError, match=r"by version \\x1b\[2J of this package"):
        load(options.results / "weights/a.safetensors")


def one_cell(**changes) -> Weights:
    return weights(cell(n=3, m=2, density=1.0), **changes)


def test_every_array_counts_and_differences_are_told_by_size():
    for name in ("W", "b", "loss"):
        here = one_cell()
        getattr(here, name).flat[0] += 1
        assert how_much(fingerprint(here), fingerprint(one_cell()))
    assert not how_much(fingerprint(one_cell()), fingerprint(one_cell()))
    here, there = one_cell(), one_cell()
    here.b[0, 0] = np.nextafter(here.b[0, 0], np.float32(1.0))
    text = how_much(fingerprint(here), fingerprint(there))
    assert "in its bytes: losses and norms of the runs compared agree" in text
    there.loss[0] = np.nan  # a run that diverged
    assert fingerprint(there).loss == (None, 0.5)
    assert "loss by up to inf" in how_much(fingerprint(here), fingerprint(there))


def test_cells_of_one_density_share_a_fingerprint_that_tells_them_apart():
    cells = {"relu_p1+attack0.2": one_cell(), "relu_p1": one_cell(change=0.1), "relu_p0.1": 3}
    shared = by_density(cells)
    assert {name: len(there) for name, there in shared.items()} == {"relu_p1": 2, "relu_p0.1": 1}
    known = fingerprint(*shared["relu_p1"])
    assert known == fingerprint(*by_density(dict(reversed(cells.items())))["relu_p1"])
    assert len(known.loss) == len(known.norm) == 4
    cells["relu_p1+attack0.2"].b[-1, -1] += 1
    assert "in its bytes" in how_much(fingerprint(*shared["relu_p1"]), known)


def test_a_missing_file_is_named(options, capsys):
    options.config[0].write_text(CONFIG + CONFIG.rpartition("  a:")[2].join(["  c:", ""]))
    write(options.results, "c")
    checksums_command(options)
    (options.results / "weights/c.safetensors").unlink()
    text = told(options, capsys, 1)
    assert "missing: c/relu_p1: build it with make." in text
    assert "2 missing." in text


def test_weights_that_are_not_committed_are_named_and_do_no_harm(options, capsys):
    write(options.results, "mine")
    text = told(options, capsys, 0)
    assert "2 of 2 checksums are the same." in text
    assert "extra: mine/relu_p1: the configuration does not build it." in text
    options.config[0].write_text(f"{CONFIG}  mine:{CONFIG.rpartition('  a:')[2]}")
    assert "extra: mine/relu_p1: not among the committed checksums." in told(options, capsys, 0)


def test_a_committed_cell_that_the_configuration_dropped_cannot_be_made_by_make(options, capsys):
    options.config[0].write_text(CONFIG.replace("[0.5, 1.0]", "[1.0]"))
    assert f"extra: {SPARSE}: " in told(options, capsys, 0)
    write(options.results)
    assert f"missing: {SPARSE}: the configuration does not build it." in told(options, capsys, 1)


def test_checksums_are_of_the_configurations_cells_alone(options):
    write(options.results, "old")
    checksums_command(options)
    assert read(options.checksums).weights.keys() == {SPARSE, DENSE}


def test_checksums_of_experiments_that_are_left_out_stay_and_are_not_missed(options, capsys):
    everything = f"{CONFIG}  c:{CONFIG.rpartition('  a:')[2]}"
    options.config[0].write_text(everything)
    write(options.results, "c")
    checksums_command(options)
    committed = options.checksums.read_bytes()
    (options.results / "weights/c.safetensors").unlink()
    options.config[0].write_text(f"{everything}    follow_up: true\n")
    assert "2 of 2 checksums are the same." in told(options, capsys, 0)
    checksums_command(options)
    assert options.checksums.read_bytes() == committed


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda path: path.rename(path.with_name("b.safetensors")),
            "configuration.s settings for a/relu_p0.5, a",
        ),
        (lambda path: write(path.parents[1], seed=1), "configuration.s settings for a/relu_p1"),
        (lambda path: path.write_bytes(b""), "damaged, or no weights file of this package"),
    ],
)
def test_no_checksums_are_written_of_what_make_would_not_leave(options, spoil, message):
    before = options.checksums.read_bytes()
    spoil(options.results / "weights/a.safetensors")
    with pytest.raises(UserError, match=f"{message}.* No checksums were written"):
        checksums_command(options)
    assert options.checksums.read_bytes() == before


def test_what_the_repository_shows_agrees_with_the_results_whatever_stands_beside_it(
    options, capsys
):
    options.readme.write_text(options.readme.read_text().replace("Below", "Reworded"))
    assert "docs/claims.md: same." in told(options, capsys, 0)


def test_the_readme_has_a_row_for_each_section_with_the_figure_that_bears_most_claims(options):
    text = options.readme.read_text()
    assert "| Introduction | 5 | 2 | ✗ C2, void C3, ~ X3 | [intro](docs/intro.png) |" in text
    assert "| Demonstrating Superposition | 1 | 0 | – C4 | [" in text
    assert "| A Section of Its Own | 2, 1 of ours | 1, 1 of ours | ½ X2 | [enum" in text
    for name in ("intro", "legend", "enumeration"):
        assert (options.results / f"docs/{name}.png").read_bytes() == b"a picture"


def test_follow_ups_have_rows_and_a_page_of_their_own_which_builds_without_them_leave(
    options, capsys
):
    folder, before = options.results, options.readme.read_text()
    page = folder / "docs/follow-ups.md"
    page.write_text(markers("figures", "claims"))
    section, there = "Follow-up: What Next", {"by_seed": {0: "replicates", 1: "replicates"}}
    beyond = [
        verdict(id, Outcome.REPLICATES, origin="ours", section=section, **there) for id in BEYOND
    ]
    options.file.write_text(to_json([*VERDICTS, *beyond]))
    readme(options)
    row, other = f"| {section} | 2 | 2 |  |  |\n", "| Follow-up: Another | 3 | 1 |  |  |\n"
    assert options.readme.read_text().replace(row, "") == before
    # The order is the README's, whichever of them a build has.
    options.readme.write_text(options.readme.read_text().replace(row, row + other))
    readme(options)
    assert row + other in options.readme.read_text()
    told_of = [(folder / "docs/claims.md").read_text(), page.read_text()]
    assert ["| F91 |" in text for text in told_of] == [False, True]
    assert "**Of claims of follow-ups, 2 of 2 hold**" in told_of[1]
    shown = {path: path.read_bytes() for path in (options.readme, page)}
    options.file.write_text(to_json(VERDICTS))
    readme(options)
    assert shown == {path: path.read_bytes() for path in shown}
    record = (folder / "workflow/confirmation.json").read_text()
    assert '"F91"' in record
    assert "README.md's tables: same." in told(options, capsys, 0)
    options.file.write_text(to_json([*VERDICTS, beyond[1]]))
    readme(options)
    assert (folder / "workflow/confirmation.json").read_text() == record


def test_a_build_of_some_experiments_leaves_what_the_repository_shows(options, capsys):
    before = options.readme.read_bytes()
    options.file.write_text(to_json(VERDICTS[:3]))
    assert "README.md's tables: there is no C4, X1," in told(options, capsys, 1)
    readme(options)
    assert options.readme.read_bytes() == before


def test_the_readme_quotes_the_benchmark_of_a_quiet_machine(options):
    text = options.readme.read_text()
    for words in (
        "**22 times**",
        "**150 times**",
        "**4.3 µs**",
        "Measured on 2030-01-02 with 2 threads",
    ):
        assert words in text
    file, before = options.results / "docs/benchmarks.json", options.readme.read_text()
    file.write_text(json.dumps(BENCHMARK | {"load": 5.2, "date": "2031-01-02"}))
    readme(options)
    assert options.readme.read_text() == before
    file.write_text('{"rows": 3}')
    with pytest.raises(UserError, match=r"benchmarks\.json is not as make bench writes it"):
        readme(options)


@pytest.mark.parametrize(
    ("name", "old", "new", "what"),
    [
        ("README.md", b"2 of 7", b"7 of 7", "README.md's tables"),
        ("docs/figures.md", b"under a minute", b"a moment", "docs/figures.md's table"),
        ("docs/intro.png", b"picture", b"forgery", "docs/intro.png"),
    ],
)
def test_what_is_not_of_these_results_is_named_with_the_command_that_refreshes_it(
    options, capsys, name, old, new, what
):
    assert f"{what}: same." in told(options, capsys, 0)
    path = options.results / name
    path.write_bytes(path.read_bytes().replace(old, new))
    expected = "not from these results; python -m superposition readme updates it"
    text = told(options, capsys, 1)
    assert f"{what}: {expected}." in text
    assert text.count(expected) == 1
    readme(options)
    assert f"{what}: updated." in capsys.readouterr().out
    assert verify_command(options) == 0


@pytest.mark.parametrize("of", ["legend", "intro"], ids=["exchanged", "altered"])
def test_a_picture_that_is_not_that_of_its_figure_is_not_shown(options, capsys, of):
    figures = options.results / "figures"
    (figures / "legend.png").write_bytes(b"another picture")
    sealed = seal_figure("legend", b"<svg/>", b"another picture", {})
    (figures / "legend.svg").write_bytes(sealed)
    for ending in ("svg", "png")[of == "intro" :]:
        shutil.copy(figures / f"legend.{ending}", figures / f"intro.{ending}")
    assert "intro.svg: was altered or exchanged after it was made" in told(options, capsys, 1)
    readme(options)
    assert "docs/intro.png: not changed" in capsys.readouterr().out
    assert (options.results / "docs/intro.png").read_bytes() == b"a picture"


def test_a_readme_without_a_place_for_its_tables_says_what_to_add(options):
    options.readme.write_text("Above\n")
    with pytest.raises(UserError, match=r"README\.md has no place for the claims: put the lines"):
        readme(options)


def test_a_figure_that_is_named_but_not_there_is_told_and_then_copied(options, capsys):
    (options.results / "docs/intro.png").unlink()
    assert "docs/intro.png: no such file; python -m superposition" in told(options, capsys, 1)
    readme(options)
    assert (options.results / "docs/intro.png").read_bytes() == b"a picture"


@pytest.mark.parametrize(
    ("name", "message"),
    [("claims.json", "Run make to build it"), ("figures/intro.png", "build it with make")],
)
def test_results_that_are_not_built_cannot_be_compared(options, capsys, name, message):
    (options.results / name).unlink()
    assert message in told(options, capsys, 1)


@pytest.mark.parametrize("keep", [0, 5, 200])
def test_a_file_cut_short_is_damaged(options, capsys, keep):
    path = options.results / "weights/a.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    text = told(options, capsys, 1)
    assert "0 of 2 checksums are the same." in text
    assert f"damaged: a: {path}: damaged" in text
    assert "1 damaged." in text


def test_results_without_weights_say_what_to_do(options, tmp_path):
    options.results = tmp_path / "nowhere"
    with pytest.raises(UserError, match="build them with make"):
        verify_command(options)


@pytest.mark.parametrize("text", ["", "{}", json.dumps({"weights": {"a": {"sha256": 1}}})])
def test_a_spoilt_checksums_file_says_what_to_do(options, text):
    options.checksums.write_text(text)
    with pytest.raises(UserError, match="git checkout"):
        verify_command(options)
