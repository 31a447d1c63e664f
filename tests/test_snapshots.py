"""Snapshots of training: on disk from when they are taken, and read one at a time."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cells import cell
from disks import disk
from safetensors.numpy import load_file, save_file

from superposition import array_files, data, evaluation, weights
from superposition.files import OutputError
from superposition.settings import Cell
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
    found = weights.load(file)
    assert found.snapshots[2].b.shape == (8, 100)
    with pytest.raises(WeightsError, match=r"array 'step 4/b' has shape \[8, 99\]; .* \[8, 100\]"):
        found.snapshots[4]


def test_room_is_taken_before_anything_is_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with disk(tmp_path / "small") as small:
        small.leave_free(64 * 1024)
        monkeypatch.setattr("tempfile.tempdir", str(small.content))
        train(watched((0, 2)), range(2))
        told: list[int] = []
        with pytest.raises(OutputError, match=r"Cannot keep snapshots in .*: No space left") as e:
            train(watched(), range(2), progress=lambda done, _: told.append(done))
    assert "free some space and run the same command again" in str(e.value)
    assert not told
