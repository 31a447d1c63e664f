"""What is said of weights that agree with the committed checksums, and of those that do not."""

import json
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest

from superposition.config import load as load_config
from superposition.errors import UserError
from superposition.parameters import Parameters
from superposition.published import readme_command
from superposition.settings import Cell
from superposition.verify import State, checksums_command, compare, read, verify_command
from superposition.weights import Weights, load, save

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
MARKERS = "".join(
    f"<!-- {name}:{edge} -->\n" for name in ("claims", "figures") for edge in ("start", "end")
)
CELL = {
    "features": {"n_features": 3, "feature_probability": [0.5, 0.5, 0.5]},
    "model": {"model": "relu", "n_hidden": 2, "importance": [1.0, 1.0, 1.0]},
    "training": {"steps": 10},
    "seed": 0,
    "runs": 2,
    "evaluation_samples": 8,
}


def write(results: Path, name: str, change: float = 0.0, **settings) -> Path:
    density = float(name.rpartition("_p")[2])
    settings["features"] = {"n_features": 3, "feature_probability": [density] * 3}
    settings.setdefault("evaluation_samples", round(8 / density))
    W = np.ones((2, 2, 3), dtype=np.float32)
    W[1, 0, 0] += np.float32(change)
    b = np.zeros((2, 3), dtype=np.float32)
    loss = np.array([0.25, 0.5 + change])
    path = results / "weights" / f"{name}.safetensors"
    save(path, Weights(Cell(**{**CELL, **settings}), (0, 1), Parameters(W, b), loss))
    return path


@pytest.fixture
def options(tmp_path: Path, capsys) -> Namespace:
    for name in ("a/relu_p0.5", "a/relu_p1"):
        write(tmp_path, name)
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "claims.json").write_text("[]\n")
    for folder in ("figures", "docs"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "intro.png").write_bytes(b"a picture")
    readme = tmp_path / "README.md"
    readme.write_text(f"Above\n![a](docs/intro.png)\n{MARKERS}Below\n")
    options = Namespace(
        results=tmp_path,
        checksums=tmp_path / "checksums.json",
        config=[tmp_path / "config.yaml"],
        readme=readme,
        file=tmp_path / "claims.json",
    )
    readme_command(options)
    checksums_command(options)
    capsys.readouterr()
    return options


def cells(options: Namespace) -> dict[str, Cell]:
    return load_config(*options.config).cells()


def states(options: Namespace) -> dict[str, State]:
    findings = compare(options.results, read(options.checksums), cells(options))
    return {finding.name: finding.state for finding in findings}


def test_the_same_weights_written_again_agree(options, capsys):
    write(options.results, "a/relu_p1")
    assert verify_command(options) == 0
    assert "2 weights files: 2 same." in capsys.readouterr().out


def test_another_weight_differs_and_the_report_says_in_how_many_runs_and_by_how_much(
    options, capsys
):
    write(options.results, "a/relu_p1", change=0.001)
    assert verify_command(options) == 1
    told = capsys.readouterr().out
    assert "a/relu_p1" in told
    assert "differs: 1 of 2 runs compared, loss by up to 2.0e-03" in told


def test_another_versions_header_is_no_difference(options):
    path = write(options.results, "a/relu_p1")
    path.write_bytes(path.read_bytes().replace(b'"package_version', b'"package_versioN'))
    assert states(options)["a/relu_p1"] is State.SAME


def test_a_change_below_nine_digits_is_said_to_be_one_of_bytes_alone(options):
    path = write(options.results, "a/relu_p1")
    weights = load(path)
    weights.b[0, 0] = np.nextafter(weights.b[0, 0], np.float32(1.0))
    save(path, weights)
    [finding] = [
        f
        for f in compare(options.results, read(options.checksums), cells(options))
        if f.name == "a/relu_p1"
    ]
    assert finding.state is State.DIFFERS
    assert "in its bytes: losses and norms of the runs compared agree" in finding.detail


def test_other_settings_are_not_compared(options):
    write(options.results, "a/relu_p1", seed=1)
    assert states(options)["a/relu_p1"] is State.OTHER
    assert verify_command(options) == 1


def test_a_missing_file_is_named(options):
    (options.results / "weights/a/relu_p1.safetensors").unlink()
    assert states(options)["a/relu_p1"] is State.MISSING
    assert verify_command(options) == 1


def test_an_experiment_of_ones_own_is_named_and_does_no_harm(options, capsys):
    write(options.results, "mine/relu_p1")
    mine = CONFIG.rpartition("  a:")[2]
    options.config[0].write_text(f"{CONFIG}  mine:{mine}")
    assert states(options)["mine/relu_p1"] is State.EXTRA
    assert verify_command(options) == 0


def test_files_of_cells_that_the_configuration_no_longer_has_are_named_and_not_counted(
    options, capsys
):
    write(options.results, "old/relu_p1")
    assert states(options)["old/relu_p1"] is State.LEFTOVER
    assert verify_command(options) == 0
    told = capsys.readouterr().out
    assert "2 weights files: 2 same.\n" in told
    assert "the configuration does not have them: old/relu_p1. Nothing reads these" in told


def test_a_committed_cell_that_the_configuration_dropped_cannot_be_made_by_make(options, capsys):
    options.config[0].write_text(CONFIG.replace("[0.5, 1.0]", "[1.0]"))
    assert states(options)["a/relu_p0.5"] is State.LEFTOVER
    (options.results / "weights/a/relu_p0.5.safetensors").unlink()
    assert verify_command(options) == 1
    assert "missing: the configuration does not have it" in capsys.readouterr().out


def test_checksums_are_of_the_configurations_cells_alone(options, capsys):
    write(options.results, "old/relu_p1")
    checksums_command(options)
    assert "does not have them: old/relu_p1." in capsys.readouterr().out
    assert read(options.checksums).weights.keys() == {"a/relu_p0.5", "a/relu_p1"}


def test_no_checksums_are_written_of_a_part_of_the_cells(options):
    before = options.checksums.read_bytes()
    (options.results / "weights/a/relu_p1.safetensors").unlink()
    with pytest.raises(UserError, match=r"no weights of a/relu_p1 in .*: build them with make"):
        checksums_command(options)
    assert options.checksums.read_bytes() == before


def test_no_checksums_are_written_of_weights_made_with_other_settings(options):
    before = options.checksums.read_bytes()
    write(options.results, "a/relu_p1", seed=1)
    with pytest.raises(UserError, match="a/relu_p1 were made with other settings"):
        checksums_command(options)
    assert options.checksums.read_bytes() == before


def test_what_the_repository_shows_agrees_with_the_results(options, capsys):
    assert verify_command(options) == 0
    told = capsys.readouterr().out
    assert "README.md's tables: same." in told
    assert "docs/intro.png: same." in told


@pytest.mark.parametrize(
    ("name", "old", "new", "what"),
    [
        ("README.md", b"0 of 0", b"1 of 1", "README.md's tables"),
        ("docs/intro.png", b"picture", b"forgery", "docs/intro.png"),
        ("figures/intro.png", b"picture", b"redrawing", "docs/intro.png"),
    ],
)
def test_what_is_not_of_these_results_is_named_with_the_command_that_refreshes_it(
    options, capsys, name, old, new, what
):
    path = options.results / name
    assert old in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(old, new))
    assert verify_command(options) == 1
    told = capsys.readouterr().out
    expected = "not that of these results; python -m superposition readme refreshes it"
    assert f"{what}: {expected}." in told
    assert told.count(expected) == 1
    readme_command(options)
    assert f"{what}: updated." in capsys.readouterr().out
    assert verify_command(options) == 0


def test_text_beside_the_table_is_nobodys_business(options):
    options.readme.write_text(options.readme.read_text().replace("Below", "Reworded"))
    assert verify_command(options) == 0


def test_a_figure_that_is_named_but_not_there_is_told_and_then_copied(options, capsys):
    (options.results / "docs/intro.png").unlink()
    assert verify_command(options) == 1
    assert "docs/intro.png: no such file; python -m superposition readme" in capsys.readouterr().out
    readme_command(options)
    assert (options.results / "docs/intro.png").read_bytes() == b"a picture"


@pytest.mark.parametrize(
    ("name", "message"),
    [("claims.json", "Run make to build it"), ("figures/intro.png", "build it with make")],
)
def test_results_that_are_not_built_cannot_be_compared(options, capsys, name, message):
    (options.results / name).unlink()
    assert verify_command(options) == 1
    assert message in capsys.readouterr().out


@pytest.mark.parametrize("keep", [0, 5, 200])
def test_a_file_cut_short_is_damaged(options, keep):
    path = options.results / "weights/a/relu_p1.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    assert states(options)["a/relu_p1"] is State.DAMAGED
    assert verify_command(options) == 1


def test_results_without_weights_say_what_to_do(options, tmp_path):
    options.results = tmp_path / "nowhere"
    with pytest.raises(UserError, match="build them with make"):
        verify_command(options)


@pytest.mark.parametrize("text", ["", "{}", json.dumps({"weights": {"a": {"sha256": 1}}})])
def test_a_spoilt_checksums_file_says_what_to_do(options, text):
    options.checksums.write_text(text)
    with pytest.raises(UserError, match="git checkout"):
        verify_command(options)
