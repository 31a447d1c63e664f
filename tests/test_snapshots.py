"""Snapshots of training: on disk from when they are taken, and read one at a time."""

import fcntl
import pickle
import resource
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cells import ROWS, cell
from disks import disk
from safetensors.numpy import load_file, save, save_file

from superposition import array_files, data, evaluation, interactive, weights
from superposition.array_files import FileKind
from superposition.errors import UserError
from superposition.files import OutputError, clear_unfinished
from superposition.parameters import Parameters
from superposition.settings import Cell
from superposition.snapshots import Room, Snapshots
from superposition.training import train
from superposition.weights import Weights, WeightsError

STEPS = tuple(range(0, 200, 2))


def watched(snapshots: tuple[int, ...] = STEPS, **changes: Any) -> Cell:
    return cell(n=100, m=20, batch=8, steps=STEPS[-1], snapshots=snapshots, **changes)


def size(found: Weights) -> int:
    return sum(a.nbytes for p in found.snapshots.values() for a in p.arrays().values())


def memory(action: Callable[[], object]) -> int:
    """Return the most bytes of memory, other than of files, that an action takes at a time."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module")
def some() -> Weights:
    return train(watched(), range(8))


@pytest.mark.parametrize("engine", ["fused", "torch"])
def test_training_keeps_no_snapshots_in_memory(engine: str) -> None:
    runs = range(4)
    bare, settings = watched(()), watched()
    train(bare, runs, engine=engine)  # whatever is made once
    without = memory(lambda: train(bare, runs, engine=engine))
    kept: list[Weights] = []
    with_them = memory(lambda: kept.append(train(settings, runs, engine=engine)))
    assert with_them - without < size(kept[0]) / 5


def test_saving_loading_and_exporting_never_have_all_in_memory(
    tmp_path: Path, some: Weights
) -> None:
    files = [tmp_path / f"{place}.safetensors" for place in range(2)]
    sample = tmp_path / "sample.safetensors"
    data.generate(some.cell.features, some.cell.seed, 16).save(sample)
    most = size(some) / 5
    for file in files:
        assert memory(lambda: weights.save(file, some)) < most  # noqa: B023
    assert memory(lambda: weights.load(files[0])) < most
    output = tmp_path / "all.safetensors"
    evaluation.export(files, sample, output)
    assert memory(lambda: evaluation.export(files, sample, output)) < most
    found = weights.load(output)
    for step in STEPS:
        twice = np.concatenate([some.snapshots[step].W] * 2)
        np.testing.assert_array_equal(found.snapshots[step].W, twice)


def test_the_points_of_a_row_have_their_own_snapshots(tmp_path: Path) -> None:
    row = cell(steps=20, snapshots=(0, 7)).model_copy(update={"relative_importance": (0.5, 2.0)})
    file = tmp_path / "row.safetensors"
    weights.save(file, train(row, range(3)))
    for found, point in zip(weights.load(file).points(), row.points(), strict=True):
        alone = train(point, range(3))
        assert list(found.snapshots) == [0, 7]
        for step in (0, 7):
            np.testing.assert_array_equal(found.snapshots[step].W, alone.snapshots[step].W)
        assert 8 not in found.snapshots
        with pytest.raises(KeyError):
            found.snapshots[8]


def test_a_file_may_be_replaced_while_it_is_read(tmp_path: Path, some: Weights) -> None:
    file = tmp_path / "some.safetensors"
    weights.save(file, some)
    found = weights.load(file)
    weights.save(file, Weights(some.cell, some.runs, some.final))
    np.testing.assert_array_equal(found.snapshots[2].W, some.snapshots[2].W)
    assert not weights.load(file).snapshots


def test_an_altered_snapshot_is_told_of(tmp_path: Path, some: Weights) -> None:
    file = tmp_path / "some.safetensors"
    weights.save(file, some)
    arrays = load_file(file)
    arrays["step 4/b"] = arrays["step 4/b"][:, :-1]
    with array_files.safe_open(file, framework="numpy") as opened:
        metadata = opened.metadata()
    save_file(arrays, file, metadata)
    with pytest.raises(WeightsError, match=r"array 'step 4/b' has shape \[8, 99\]; .* \[8, 100\]"):
        weights.load(file)


def test_snapshots_of_other_runs_are_not_saved(tmp_path: Path, some: Weights) -> None:
    fewer = {step: p.of(0, 7) for step, p in some.snapshots.items()}
    with pytest.raises(ValueError, match=r"^step 0/: .*\(7, 20, 100\).* ask for .*\(8, 20, 100\)"):
        weights.save(tmp_path / "file", replace(some, snapshots=fewer))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["relu, dense", "absolute", "relu_hidden_biased"])
def test_files_are_those_of_the_library(tmp_path: Path, name: str) -> None:
    recipe = ROWS[name].training.model_copy(update={"steps": 9, "snapshots": (0, 3, 9)})
    file = tmp_path / "weights.safetensors"
    trained = train(ROWS[name].model_copy(update={"training": recipe}), range(3))
    sample = data.generate(trained.cell.features, 1, 64)
    weights.save(file, evaluation.compare(trained.cell, [trained], sample))
    with array_files.safe_open(file, framework="numpy") as opened:
        metadata = opened.metadata()
    assert len(load_file(file)) > 8
    assert file.read_bytes() == save(load_file(file), metadata)


def test_arrays_lie_as_in_the_library_whatever_is_in_them(tmp_path: Path) -> None:
    kind = FileKind("file", "form", "Make it", UserError)
    kinds = ("uint8", "uint32", "int64", "float32", "float64")
    arrays = {f"{k[-1]} é{k}": np.arange(n, dtype=k) for n, k in enumerate(kinds)}
    arrays |= {"b": np.zeros((2, 0), np.float32), "a": np.asfortranarray(np.eye(3))[:2]}
    arrays |= {"d": np.zeros((0, 3), np.float32), "c": np.array(7.0), "e": np.arange(3.0)[::-1]}
    kind.write(tmp_path / "file", {"told": '"\\ \u2028\x7f\n'}, arrays)
    with array_files.safe_open(tmp_path / "file", framework="numpy") as opened:
        metadata = opened.metadata()
    contiguous = {name: np.array(array, order="C") for name, array in arrays.items()}
    assert (tmp_path / "file").read_bytes() == save(contiguous, metadata)
    found = kind.read(tmp_path / "file", lambda header, stored: dict(stored))
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array, strict=True)


def test_a_file_in_the_making_is_known_for_one(
    tmp_path: Path, some: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is locked while its writer lives, and what a killed one leaves is cleared away."""
    file = tmp_path / "some.safetensors"

    def look(*_: object) -> None:
        (unfinished,) = tmp_path.iterdir()
        assert unfinished.stat().st_size > size(some)
        with unfinished.open("rb") as opened, pytest.raises(BlockingIOError):
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        clear_unfinished(tmp_path)
        assert unfinished.exists()
        raise KeyboardInterrupt

    monkeypatch.setattr("superposition.files.os.fsync", look)
    with pytest.raises(KeyboardInterrupt):
        weights.save(file, some)
    assert not list(tmp_path.iterdir())


@contextmanager
def few_files() -> Iterator[None]:
    """Let this process open a few files more than it has, and no more."""
    used = len(list(Path("/proc/self/fd").iterdir()))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 20, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_many_points_and_runs_keep_few_files_open(tmp_path: Path) -> None:
    relative = tuple(np.geomspace(0.1, 10, 40).tolist())
    row = cell(steps=4, snapshots=(0, 2)).model_copy(update={"relative_importance": relative})
    config = interactive.experiment(
        models=["relu"],
        n_features=5,
        n_hidden=2,
        importance=1,
        feature_probability=[0.5],
        runs=40,
        evaluation_samples=16,
        training={"steps": 4, "snapshots": [0, 2]},
    )
    with few_files():
        of_row = train(row, range(2))
        weights.save(tmp_path / "row", of_row)
        found = interactive.train(config, progress=False, threads=2)
        assert len(of_row.points()) == 40
    (of_runs,) = found.values()
    together = train(of_runs.cell, range(40))
    for step in (0, 2):
        np.testing.assert_array_equal(of_runs.snapshots[step].W, together.snapshots[step].W)


def test_snapshots_can_be_sent_to_another_process(tmp_path: Path, some: Weights) -> None:
    weights.save(tmp_path / "some", some)
    for found in (some, weights.load(tmp_path / "some"), some.points()[0]):
        sent = pickle.loads(pickle.dumps(found))
        assert sent.cell == some.cell
        for step in STEPS:
            np.testing.assert_array_equal(sent.snapshots[step].W, some.snapshots[step].W)


def test_of_some_runs_only_these_are_read() -> None:
    asked: list[tuple[str, int, int, int]] = []

    def part(name: str, runs: int) -> Snapshots:
        def read(step: int, first: int, last: int) -> Parameters:
            asked.append((name, step, first, last))
            count = last - first
            W = np.full((count, 2, 3), ord(name), np.float32)
            return Parameters(W, np.zeros((count, 3), np.float32))

        return Snapshots((9, 5), runs, read)

    one = part("a", 30)
    assert list(one) == [5, 9]
    assert 5 in one
    assert 6 not in one
    assert repr(one) == "Snapshots of 30 runs after steps [5, 9]"
    assert not asked
    assert len(one.of(10, 20).of(3, 5)[9.0].W) == 2
    assert asked == [("a", 9, 13, 15)]
    asked.clear()
    joined = Snapshots.joined([part("a", 3), part("b", 4), part("c", 5)])
    assert joined.runs == 12
    assert not asked
    assert joined.of(2, 7)[5].W[:, 0, 0].tolist() == [97, 98, 98, 98, 98]
    assert asked == [("a", 5, 2, 3), ("b", 5, 0, 4)]


def test_room_is_that_of_the_points_one_behind_the_other() -> None:
    row = cell(snapshots=(1,)).model_copy(update={"relative_importance": (0.5, 1.0, 2.0)})
    room = Room(row, 4)
    for run in range(4):
        for point, snapshots in enumerate(room.of(run, run + 1)):
            snapshots[1].W[:] = 10 * point + run
    assert room.of(0, 4)[1][1].W[:, 0, 0].tolist() == [10, 11, 12, 13]
    assert room.of(1, 3)[2][1].W[:, 0, 0].tolist() == [21, 22]
    assert not room.of(0, 4)[1][1].b.any()
    assert Room(cell(), 4).of(0, 4) == [{}]


def test_what_is_read_for_a_notebook_may_be_written_over(tmp_path: Path, some: Weights) -> None:
    (tmp_path / "experiment").mkdir()
    file = tmp_path / "experiment" / "relu_p0.3.safetensors"
    weights.save(file, some)
    found = interactive.read_weights(file)["experiment/relu_p0.3"]
    file.write_bytes(b"")  # the same file, where a map of it would end the process
    np.testing.assert_array_equal(found.snapshots[2].W, some.snapshots[2].W)


def test_room_is_taken_before_anything_is_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with disk(tmp_path / "small") as small:
        small.leave_free(64 * 1024)
        monkeypatch.setattr("tempfile.tempdir", str(small.content))
        train(watched((0, 2)), range(2))
        told: list[int] = []
        with pytest.raises(OutputError, match="free some space") as error:
            train(watched(), range(2), progress=lambda done, _: told.append(done))
    assert "MB of snapshots (set TMPDIR to choose another folder) in /" in str(error.value)
    assert "No space left on device" in str(error.value)
    assert not told
