"""Evaluation samples, losses, the linear model's closed form, and weights files, good and bad."""

from pathlib import Path

import numpy as np
import pytest
from cells import ROWS, cell, features
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from superposition import data, evaluation, weights
from superposition.files import OutputError, atomic_path, explained
from superposition.model import MODELS, forward, target
from superposition.samples import SampleError, load_sample
from superposition.settings import Cell
from superposition.theory import linear_loss
from superposition.training import train
from superposition.weights import Weights, WeightsError


@pytest.mark.parametrize("samples", [1, 2003])
@pytest.mark.parametrize(
    "name",
    [
        "linear",
        "relu, dense",
        "relu, jumping",
        "relu, wide",
        "relu_hidden",
        "relu_hidden_biased",
        "relu_hidden_biased, attack, penalty",
        "relu_hidden_biased, wide, jumping, penalty",
        "absolute",
    ],
)
def test_loss_is_the_weighted_squared_error_of_the_forward_pass(name: str, samples: int) -> None:
    settings = ROWS[name]
    trained = train(settings, range(2))
    sample = data.generate(settings.features, settings.seed, samples)
    x = np.zeros((samples, settings.features.n_features))
    x[: len(sample.x)] = sample.x  # the rest are empty, and order does not matter
    model = MODELS[settings.model.model]
    for run, loss in enumerate(evaluation.losses(trained, sample)):
        W_out = None if trained.W_out is None else trained.W_out[run].astype(float)
        c = None if trained.hidden_bias is None else trained.hidden_bias[run].astype(float)
        y = forward(model, trained.W[run].astype(float), trained.b[run], x, W_out, c)
        expected = (np.array(settings.model.importance) * (target(model, x) - y) ** 2).mean()
        assert loss == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("density", [1.0, 0.3, 0.02])
def test_linear_loss_agrees_with_its_closed_form(density: float) -> None:
    """Mathematical Understanding: feature benefit and interference, here for uniform features."""
    settings = cell("linear", n=6, m=2, density=density)
    trained = train(settings, range(2))
    importance = np.array(settings.model.importance)
    expected = [
        linear_loss(trained.W[r], trained.b[r], importance, settings.features) for r in range(2)
    ]
    samples = 400_000
    found = evaluation.losses(trained, data.generate(settings.features, 1, samples))
    np.testing.assert_allclose(found, expected, rtol=12 / np.sqrt(samples * density))


def test_closed_form_is_feature_benefit_plus_interference_for_whitened_features() -> None:
    rng = np.random.default_rng(0)
    W, importance = rng.normal(size=(2, 5)), rng.random(5)
    gram = W.T @ W
    norms = np.diag(gram)
    benefit = (importance * (1.0 - norms) ** 2).sum()
    overlaps = (gram - np.diag(norms)) ** 2
    interference = (importance[:, None] * overlaps).sum()
    # Signed features at density 1 have mean 0 and variance 1/3.
    signed = features(5, 1.0, value_range="signed")
    found = linear_loss(W, np.zeros(5), importance, signed)
    assert 5.0 * found == pytest.approx((benefit + interference) / 3.0)


def test_models_at_one_density_are_compared_on_one_sample() -> None:
    linear, relu = (cell(model, density=0.1) for model in ("linear", "relu"))
    a, b = (data.generate(c.features, c.seed, 500) for c in (linear, relu))
    assert a.x.tobytes() == b.x.tobytes()
    assert a.empty + len(a.x) == 500
    assert data.generate(relu.features, relu.seed + 1, 500).x.tobytes() != a.x.tobytes()


def test_a_sample_is_the_same_after_saving(tmp_path: Path) -> None:
    sample = data.generate(features(9, 0.05), 3, 700)
    for name in ("one", "two"):
        sample.save(tmp_path / name)
    again = load_sample(tmp_path / "one")
    assert (again.features, again.seed, again.samples) == (sample.features, 3, 700)
    np.testing.assert_array_equal(again.x, sample.x)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_statistics_are_within_a_few_standard_errors_of_what_was_promised() -> None:
    distribution = features(6, 0.3, anticorrelated=((0, 1), (2, 4, 5)))
    table = data.statistics(data.generate(distribution, 3, 50_000))
    assert set(table["statistic"]) == {"empty", "active", "mean of active"}
    assert len(table["found"]) == 13
    off = np.abs(np.subtract(table["found"], table["promised"]))
    assert (off < 5 * np.array(table["standard_error"])).all()


def test_a_batch_is_what_the_run_saw() -> None:
    settings = ROWS["relu, jumping"]
    x = data.batch(settings, 1, 17)
    assert x.shape == (192, 30)
    assert not np.array_equal(x, data.batch(settings, 0, 17))
    np.testing.assert_array_equal(x, data.batch(settings, 1, 17))


def trained_files(folder: Path, settings: Cell) -> list[Path]:
    files = [folder / "0-1.safetensors", folder / "2-2.safetensors"]
    for file, runs in zip(files, (range(2), range(2, 3)), strict=True):
        weights.save(file, train(settings, runs))
    return files


def test_export_gathers_runs_and_ranks_them(tmp_path: Path) -> None:
    settings = cell(steps=50, snapshots=(10,))
    files = trained_files(tmp_path, settings)
    data.generate(settings.features, settings.seed, 300).save(tmp_path / "sample")
    evaluation.export(files, tmp_path / "sample", tmp_path / "all.safetensors")
    found = weights.load(tmp_path / "all.safetensors")
    together = train(settings, range(3))
    assert found.runs == (0, 1, 2)
    assert found.cell.runs == 3
    assert found.cell.evaluation_samples == 300
    np.testing.assert_array_equal(found.W, together.W)
    np.testing.assert_array_equal(found.snapshots[10].b, together.snapshots[10].b)
    assert found.loss is not None
    assert found.best == found.loss.argmin()


def test_snapshots_are_compared_on_the_same_sample(tmp_path: Path) -> None:
    settings = cell(steps=50, snapshots=(10, 50))
    files = trained_files(tmp_path, settings)
    data.generate(settings.features, settings.seed, 300).save(tmp_path / "sample")
    found = evaluation.export(files, tmp_path / "sample", tmp_path / "all.safetensors")
    assert found.snapshot_loss is not None
    assert found.loss is not None
    assert found.snapshot_loss.shape == (2, 3)
    assert (found.snapshot_loss[0] > found.loss).all()
    np.testing.assert_array_equal(found.snapshot_loss[1], found.loss)
    read = weights.load(tmp_path / "all.safetensors")
    np.testing.assert_array_equal(read.snapshot_loss, found.snapshot_loss)
    np.testing.assert_array_equal(read.points()[0].snapshot_loss, found.snapshot_loss)


def test_export_refuses_runs_of_different_settings(tmp_path: Path) -> None:
    files = trained_files(tmp_path, cell(steps=5))
    weights.save(files[1], train(cell(steps=6), range(2, 3)))
    with pytest.raises(WeightsError, match=r"2-2\.safetensors: trained with other settings"):
        evaluation.export(files, tmp_path / "sample", tmp_path / "all")


def test_export_refuses_runs_that_are_not_those_of_the_configuration(tmp_path: Path) -> None:
    files = trained_files(tmp_path, cell(steps=5))
    wanted = cell(steps=6).trained_with()
    with pytest.raises(WeightsError, match=r"0-1\.safetensors: .* Delete it and run make"):
        evaluation.export(files, tmp_path / "sample", tmp_path / "all", wanted)


@pytest.mark.parametrize("name", ["linear", "relu, sieved", "relu_hidden", "absolute"])
@pytest.mark.parametrize("array", ["W", "b"])
def test_a_diverged_run_has_no_loss(name: str, array: str) -> None:
    trained = train(ROWS[name], range(2))
    trained.final.arrays()[array][1, ..., 0] = np.nan
    found = evaluation.losses(trained, data.generate(ROWS[name].features, 3, 100))
    assert np.isfinite(found[0])
    assert np.isnan(found[1])


def test_a_diverged_run_is_never_the_best(small: Weights) -> None:
    losses = np.array([np.nan, 0.3, np.inf, 0.2])
    assert Weights(small.cell, (0, 1, 2, 3), small.final, losses).best == 3
    with pytest.raises(WeightsError, match="All runs of this cell have diverged"):
        _ = Weights(small.cell, (0,), small.final, np.array([np.nan])).best


def test_export_refuses_a_sample_of_another_distribution(tmp_path: Path) -> None:
    files = trained_files(tmp_path, cell(steps=5))
    data.generate(features(7, 0.2), 5, 300).save(tmp_path / "sample")
    with pytest.raises(SampleError, match="another distribution"):
        evaluation.export(files, tmp_path / "sample", tmp_path / "all")


@pytest.fixture
def small() -> Weights:
    return train(ROWS["absolute"].model_copy(update={"runs": 1}), range(1))


def test_weights_files_are_the_same_bytes_every_time(tmp_path: Path, small: Weights) -> None:
    files = [tmp_path / name for name in ("a.safetensors", "b.safetensors")]
    for file in files:
        weights.save(file, small)
    assert files[0].read_bytes() == files[1].read_bytes()
    again = weights.load(files[0])
    assert again.cell == small.cell
    assert again.W_out is not None
    np.testing.assert_array_equal(again.W_out, small.final.arrays()["W_out"])


def test_a_truncated_weights_file_is_refused(tmp_path: Path, small: Weights) -> None:
    file = tmp_path / "w.safetensors"
    weights.save(file, small)
    for length in (0, 5, 100, file.stat().st_size - 1):
        (tmp_path / "cut.safetensors").write_bytes(file.read_bytes()[:length])
        with pytest.raises(WeightsError, match=r"cut\.safetensors: .*Delete it and run make"):
            weights.load(tmp_path / "cut.safetensors")


def test_a_foreign_weights_file_is_refused(tmp_path: Path) -> None:
    save_file({"W": np.zeros((1, 2, 3), dtype=np.float32)}, tmp_path / "foreign.safetensors")
    with pytest.raises(WeightsError, match="not one that this package wrote"):
        weights.load(tmp_path / "foreign.safetensors")


def test_a_missing_weights_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"nothing\.safetensors: no such weights file"):
        weights.load(tmp_path / "nothing.safetensors")


def test_a_weights_file_whose_arrays_do_not_fit_its_settings_is_refused(
    tmp_path: Path, small: Weights
) -> None:
    weights.save(tmp_path / "w", small)
    with safe_open(tmp_path / "w", framework="numpy") as file:
        metadata = file.metadata()
    arrays = load_file(tmp_path / "w")
    save_file(arrays | {"W": arrays["W"][:, :7]}, tmp_path / "w", metadata)
    with pytest.raises(WeightsError, match=r"array 'W' has shape \[1, 7, 5\].* \[1, 8, 5\]"):
        weights.load(tmp_path / "w")
    save_file({name: arrays[name] for name in ("W", "W_out")}, tmp_path / "w", metadata)
    with pytest.raises(WeightsError, match=r"array 'b' is missing; .* \[1, 5\]"):
        weights.load(tmp_path / "w")


def test_weights_that_do_not_fit_their_settings_are_not_saved(
    tmp_path: Path, small: Weights
) -> None:
    wider = small.cell.model_copy(
        update={"model": small.cell.model.model_copy(update={"n_hidden": 9})}
    )
    with pytest.raises(ValueError, match=r"\(1, 8, 5\).* ask for .*\(1, 9, 5\)"):
        weights.save(tmp_path / "w", Weights(wider, small.runs, small.final))


def test_a_sample_in_which_nothing_is_active_is_read_back(tmp_path: Path) -> None:
    sample = data.generate(features(3, 1e-9), 1, 20)
    assert sample.empty == 20
    sample.save(tmp_path / "s")
    assert load_sample(tmp_path / "s").x.shape == (0, 3)


def test_a_damaged_sample_is_refused(tmp_path: Path) -> None:
    data.generate(features(9, 0.05), 3, 700).save(tmp_path / "s")
    (tmp_path / "s").write_bytes((tmp_path / "s").read_bytes()[:-3])
    with pytest.raises(SampleError, match="damaged, or not an evaluation sample"):
        load_sample(tmp_path / "s")


def test_a_file_of_another_kind_is_refused(tmp_path: Path, small: Weights) -> None:
    data.generate(features(9, 0.05), 3, 700).save(tmp_path / "s")
    weights.save(tmp_path / "w", small)
    with pytest.raises(SampleError, match="format is 'superposition weights 1'"):
        load_sample(tmp_path / "w")
    with pytest.raises(WeightsError, match="format is 'superposition evaluation sample 1'"):
        weights.load(tmp_path / "s")
    save_file({"x": np.zeros(3)}, tmp_path / "s")
    with pytest.raises(SampleError, match=r"not one that this package wrote.* delete it and run"):
        load_sample(tmp_path / "s")


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


def test_a_full_disk_is_explained() -> None:
    """/dev/full refuses every write as a full disk does."""
    with (
        pytest.raises(OutputError, match="The disk is full"),
        explained(Path("/dev/full")),
        Path("/dev/full").open("w") as file,
    ):
        file.write("x")
