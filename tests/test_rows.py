"""Cells that are rows of points: trained, gathered, measured like the same points on their own."""

from dataclasses import replace

import numpy as np
import pytest
from cells import cell

from superposition import evaluation, metrics, weights
from superposition.data import generate
from superposition.training import train

ROW = cell(n=3, m=2, importance=(1.0, 1.0, 1.0), steps=60).model_copy(
    update={"relative_importance": (0.1, 1.0, 4.0)}
)


@pytest.fixture(scope="module")
def trained():
    return train(ROW, range(2))


def test_each_point_is_trained_as_on_its_own(trained):
    for point, alone in zip(trained.points(), ROW.points(), strict=True):
        assert point.cell == alone
        assert np.array_equal(point.W, train(alone, range(2)).W)
    assert len({point.W.tobytes() for point in trained.points()}) == 3


def test_progress_counts_all_points():
    seen = []
    train(ROW, range(2), progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (360, 360)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_a_row_survives_its_file(trained, tmp_path):
    weights.save(tmp_path / "row.safetensors", trained)
    again = weights.load(tmp_path / "row.safetensors")
    assert again.cell == trained.cell
    assert np.array_equal(again.W, trained.W)


def test_jobs_of_a_row_are_gathered_point_by_point(trained, tmp_path):
    for runs in (range(1), range(1, 2)):
        weights.save(tmp_path / f"{runs[0]}.safetensors", train(ROW, runs))
    sample = generate(ROW.features, ROW.seed, 1000)
    sample.save(tmp_path / "sample.safetensors")
    files = [tmp_path / "0.safetensors", tmp_path / "1.safetensors"]
    gathered = evaluation.export(files, tmp_path / "sample.safetensors", tmp_path / "all")
    assert np.array_equal(gathered.W, trained.W)
    assert gathered.runs == (0, 1)
    losses = [evaluation.losses(point, sample) for point in trained.points()]
    assert np.array_equal(gathered.loss, np.concatenate(losses))


def test_tables_name_the_point(trained):
    finished = replace(trained, loss=np.arange(6.0))
    runs, features = metrics.measure({"row/relu_p0.5": finished})
    assert list(runs["relative_importance"]) == [0.1, 0.1, 1.0, 1.0, 4.0, 4.0]
    assert list(runs["is_best"]) == [True, False] * 3
    assert len(features["norm"]) == 3 * 2 * 3
