"""What is said of weights that agree with the committed checksums, and of those that do not."""

import json
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest

from superposition.errors import UserError
from superposition.settings import Cell
from superposition.verify import State, checksums_command, compare, read, verify_command
from superposition.weights import Parameters, Weights, load, save

CELL = {
    "features": {"n_features": 3, "feature_probability": [0.5, 0.5, 0.5]},
    "model": {"model": "relu", "n_hidden": 2, "importance": [1.0, 1.0, 1.0]},
    "training": {"steps": 10},
    "seed": 0,
    "runs": 2,
    "evaluation_samples": 8,
}


def write(results: Path, name: str, change: float = 0.0, **settings) -> Path:
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
    options = Namespace(results=tmp_path, checksums=tmp_path / "checksums.json")
    checksums_command(options)
    capsys.readouterr()
    return options


def states(options: Namespace) -> dict[str, State]:
    findings = compare(options.results, read(options.checksums))
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
    assert "differs: 1 of 2 runs, loss by up to 2.0e-03" in told


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
        f for f in compare(options.results, read(options.checksums)) if f.name == "a/relu_p1"
    ]
    assert finding.state is State.DIFFERS
    assert "bytes alone" in finding.detail


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
    assert states(options)["mine/relu_p1"] is State.EXTRA
    assert verify_command(options) == 0


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
