"""Files of weights, good and bad, and how files are written at all."""

import json
import re
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cells import ROWS, cell
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from superposition.base.files import OutputError, atomic_path
from superposition.model import weights
from superposition.model.checking import divergence, finite_runs, load_planned
from superposition.model.weights import Weights, WeightsError, diverged
from superposition.training import train


@pytest.fixture(scope="module")
def small() -> Weights:
    (found,) = train([ROWS["absolute"].model_copy(update={"runs": 1})], range(1))
    return found


@pytest.fixture(scope="module")
def watched() -> Weights:
    (found,) = train([cell("relu_hidden_biased", steps=9, snapshots=(0, 3, 9))], range(3))
    return found


def metadata(file: Path) -> dict[str, str]:
    with safe_open(file, framework="numpy") as opened:
        return opened.metadata()


def test_cells_come_back_by_name_in_their_order(tmp_path: Path, small, watched) -> None:
    weights.save(tmp_path / "w", {"z": small, "a": watched})
    again = weights.load(tmp_path / "w")
    assert list(again) == ["z", "a"]
    for name, given in (("z", small), ("a", watched)):
        assert again[name].cell == given.cell
        assert again[name].runs == given.runs
        for array, values in given.arrays().items():
            np.testing.assert_array_equal(again[name].arrays()[array], values, strict=True)


def test_snapshots_begin_at_the_start_and_end_with_the_last_step(watched: Weights) -> None:
    assert watched.snapshots is not None
    assert watched.snapshots.W.shape == (3, 3, 3, 7)
    assert not watched.snapshots[0].b.any()
    for name, array in watched.final.arrays().items():
        np.testing.assert_array_equal(watched.snapshots[-1].arrays()[name], array)


def test_a_diverged_run_is_never_the_best(watched: Weights) -> None:
    finite = np.array([1e6, 0.3, np.inf])
    assert replace(watched, loss=finite).best == 1
    for loss in (np.nan, 1e6):  # the latter is far more than answering 0 loses
        none_left = replace(watched, loss=np.full(3, loss))
        assert diverged(none_left).all()
        with pytest.raises(WeightsError, match="All runs of this cell have diverged"):
            _ = none_left.best
    with pytest.raises(ValueError, match="have not been compared"):
        _ = watched.best


RUNS = {"all": None, "of a job": range(3)}


@pytest.mark.parametrize(
    ("runs", "planned", "told"),
    [
        ("of a job", {"seed": 6}, "other settings than the configuration has: seed 5 instead of 6"),
        ("of a job", {"name": "b"}, "holds a; expected b."),
        ("of a job", {"runs": 9, "evaluation_samples": 9}, ""),
        ("all", {"runs": 9}, "runs 3 instead of 9"),
        ("all", {"evaluation_samples": 9}, "evaluation_samples 1000 instead of 9"),
        ("all", {}, "has no loss of each run of a"),
    ],
)
def test_weights_are_refused_unless_they_are_what_was_planned(
    tmp_path: Path, watched, runs, planned, told
) -> None:
    its = replace(watched, cell=watched.cell.model_copy(update={"runs": 3}))
    weights.save(tmp_path / "w", {"a": its})
    name = planned.pop("name", "a")
    cells = {name: its.cell.model_copy(update=planned)}
    with pytest.raises(WeightsError, match=re.escape(told)) if told else nullcontext():
        found = load_planned(tmp_path / "w", cells, RUNS[runs])
        assert found["a"].cell == its.cell


@pytest.mark.parametrize(
    ("part", "value"), [("W", np.inf), ("snapshots", np.nan), ("loss", np.nan), ("loss", 1e16)]
)
def test_a_run_has_diverged_if_anything_is_no_number_or_its_loss_beyond_measure(
    watched: Weights, part: str, value: float
) -> None:
    spoilt = replace(watched, loss=np.arange(3.0), snapshot_loss=np.ones((3, 3)))
    assert not diverged(spoilt).any()
    arrays = {"W": spoilt.W, "snapshots": spoilt.snapshots.b.swapaxes(0, 1), "loss": spoilt.loss}
    arrays[part].setflags(write=True)
    before = arrays[part][1].copy()
    arrays[part][1] = value
    assert list(diverged(spoilt)) == [False, True, False]
    assert divergence("x/a", spoilt) == "x/a diverged in 1 of 3 runs"
    rest = finite_runs(spoilt)
    arrays[part][1] = before
    assert (rest.runs, list(rest.loss), rest.snapshot_loss.shape) == ((0, 2), [0, 2], (3, 2))
    np.testing.assert_array_equal(rest.snapshots.W, watched.snapshots.W[:, [0, 2]])


def test_a_truncated_file_is_refused(tmp_path: Path, small: Weights) -> None:
    file = tmp_path / "w.safetensors"
    weights.save(file, {"cell": small})
    for length in (0, 5, 100, file.stat().st_size - 1):
        (tmp_path / "cut.safetensors").write_bytes(file.read_bytes()[:length])
        with pytest.raises(WeightsError, match=r"cut\.safetensors: .*Delete it and run make"):
            weights.load(tmp_path / "cut.safetensors")


def test_foreign_and_missing_files_are_refused(tmp_path: Path) -> None:
    save_file({"W": np.zeros((1, 2, 3), dtype=np.float32)}, tmp_path / "foreign.safetensors")
    with pytest.raises(WeightsError, match="not one that this package wrote"):
        weights.load(tmp_path / "foreign.safetensors")
    # A type that numpy lacks.
    header = json.dumps({"W": {"dtype": "BF16", "shape": [6], "data_offsets": [0, 12]}}).encode()
    content = len(header).to_bytes(8, "little") + header + bytes(12)
    (tmp_path / "other.safetensors").write_bytes(content)
    with pytest.raises(WeightsError, match="damaged, or no weights file of this package"):
        weights.load(tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match=r"nothing\.safetensors: no such weights file"):
        weights.load(tmp_path / "nothing.safetensors")
    told = rf"{tmp_path}: this is a folder; expected a weights file, such as {tmp_path}/foreign\.s"
    with pytest.raises(WeightsError, match=told):
        weights.load(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(WeightsError, match=r"empty: .* expected a weights file\.$"):
        weights.load(tmp_path / "empty")


def test_a_file_of_the_former_format_is_told_by_its_version(tmp_path: Path) -> None:
    header = {"format": "superposition weights 1", "package_version": "0.1.0"}
    save_file({"W": np.zeros(3)}, tmp_path / "w", {"superposition": json.dumps(header)})
    with pytest.raises(WeightsError, match=r"weights 1', expected .*weights 2'; .*0\.1"):
        weights.load(tmp_path / "w")


@pytest.mark.parametrize(
    ("array", "damage", "told"),
    [
        ("W", lambda a: a[:, :2], r"array 'W' has shape \[3, 2, 7\].* \[3, 3, 7\]"),
        ("b", None, r"array 'b' is missing; .* \[3, 7\]"),
        ("hidden_bias", None, r"array 'hidden_bias' is missing; .* \[3, 3\]"),
        (
            "snapshots/b",
            lambda a: a[:2],
            r"array 'snapshots/b' has shape \[2, 3, 7\].* \[3, 3, 7\]",
        ),
    ],
)
def test_arrays_that_do_not_fit_their_settings_are_refused(
    tmp_path: Path, watched, array, damage, told
) -> None:
    file = tmp_path / "w"
    weights.save(file, {"cell": watched})
    arrays, kept = load_file(file), metadata(file)
    altered = arrays.pop(f"cell/{array}")
    if damage:
        arrays[f"cell/{array}"] = damage(altered)
    save_file(arrays, file, kept)
    with pytest.raises(WeightsError, match=rf"w: cell: {told}\. The file was altered"):
        weights.load(file)


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("old")

    def fail() -> None:
        with atomic_path(tmp_path / "old") as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert (tmp_path / "old").read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["old"]


def test_a_folder_that_cannot_be_made_is_explained(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("a file")
    with (
        pytest.raises(OutputError, match="A file stands where a folder is expected"),
        atomic_path(tmp_path / "results" / "weights" / "w"),
    ):
        pass
