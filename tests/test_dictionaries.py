"""Sparse autoencoders: trained as a plain loop would, and held against what there was to find."""

import hashlib
from dataclasses import replace

import ideal
import ideal_enumeration
import numpy as np
import pytest
from cells import cell

from superposition.base.canonical import canonical_json
from superposition.config.load import ConfigError, from_mapping
from superposition.config.settings import DictionarySettings, TrainingSettings
from superposition.measure.dictionaries import measures, record, training
from superposition.measure.dictionaries.record import Dictionaries
from superposition.sampling.distribution import tabulate
from superposition.sampling.philox import key_of, run_identity
from superposition.sampling.sample import draw_samples
from superposition.training.layout import recipe


def orthogonal(n=4, density=0.1):
    return ideal.weights("relu", np.eye(n), np.zeros(n), density, 1.0)


def settings(**changes):
    given = {"sizes": (6,), "penalties": (0.1,), "learning_rate": 0.01, "batch": 64, "steps": 40}
    return DictionarySettings(**given | changes)


def trained(weights, how):
    """The dictionaries of the lowest-loss run."""
    return training.train(weights, weights.best, how)


def plain(weights, design, how):
    """Return the parameters of a dictionary trained in numpy, in double precision."""
    latents, kind, level = design
    penalty, price = level * (kind == "relu"), level * (kind == "jumprelu")
    run, W = weights.runs[weights.best], weights.W[weights.best].astype(float)
    m = len(W)
    identity = {"run": run_identity(weights.cell, run), "use": "dictionaries"}
    key, draws = key_of(canonical_json(identity)), tabulate(weights.cell.features)
    width = -(-m // 16) * 16
    h = np.zeros((how.batch, width), np.float32)
    start = training._start(m, design, how, key, h.ravel())
    E = start.p[: latents * width].reshape(latents, width)[:, :m].astype(float)
    p = {"E": E, "D": E.copy(), "c": np.zeros(latents), "d": np.zeros(m)}
    p["theta"] = np.zeros(latents)
    first = {name: np.zeros_like(value) for name, value in p.items()}
    second = {name: np.zeros_like(value) for name, value in p.items()}
    steps = recipe(
        TrainingSettings(
            optimizer="adam",
            weight_decay=0.0,
            schedule="cosine",
            learning_rate=how.learning_rate,
            batch=how.batch,
            steps=how.steps,
        )
    )
    for step in range(how.steps):
        h = draw_samples(draws, key, step, how.batch).astype(float) @ W.T
        z = h @ p["E"].T + p["c"]
        active = z > p["theta"]
        if kind == "topk":
            places = np.argsort(np.argsort(-z, axis=1, kind="stable"), axis=1)
            active &= places < level
        f = z * active
        error = f @ p["D"] + p["d"] - h
        slope = (2 * error @ p["D"].T + penalty) * active / how.batch
        # As if a step were as steep as a window is wide: the derivative of what jumps at θ.
        near = (np.abs(z - p["theta"]) < how.bandwidth / 2) * (kind == "jumprelu") / how.bandwidth
        gradient = {
            "E": slope.T @ h,
            "D": 2 * f.T @ error / how.batch,
            "c": slope.sum(axis=0),
            "d": 2 * error.sum(axis=0) / how.batch,
            "theta": -((p["theta"] * (2 * error @ p["D"].T) + price) * near).mean(axis=0),
        }
        for name, g in gradient.items():
            first[name] += 0.1 * (g - first[name])
            second[name] += 0.001 * (g * g - second[name])
            scale = np.sqrt(second[name]) / steps.root[step] + 1e-8
            p[name] = p[name] - steps.step_size[step] * first[name] / scale
        p["D"] /= np.linalg.norm(p["D"], axis=1, keepdims=True)
        p["theta"] = np.maximum(p["theta"], 0)
    return p


@pytest.mark.parametrize("n", [4, 19])
@pytest.mark.parametrize(
    "level", [{"penalties": (0.05,)}, {"most_active": (3,)}, {"prices": (0.05,)}]
)
def test_training_is_that_of_a_plain_loop(n, level):
    how = settings(sizes=(21,), **{"penalties": (), **level})
    weights = orthogonal(n)
    (found,) = trained(weights, how).trained
    expected = plain(weights, *record.designs(how), how)
    np.testing.assert_allclose(found.decoder, expected["D"], atol=2e-4)
    np.testing.assert_allclose(found.encoder, expected["E"], atol=2e-4)
    np.testing.assert_allclose(found.encoder_bias, expected["c"], atol=2e-4)
    np.testing.assert_allclose(found.decoder_bias, expected["d"], atol=2e-4)
    np.testing.assert_allclose(np.linalg.norm(found.decoder, axis=1), 1, rtol=1e-6)
    if found.kind == "jumprelu":
        np.testing.assert_allclose(found.threshold, expected["theta"], atol=2e-4)
        assert found.threshold.min() >= 0 < np.ptp(found.threshold)
    else:
        assert (found.threshold, expected["theta"].any()) == (None, False)


def test_dictionaries_are_the_same_as_ever():
    """Golden values: whoever changes them changes every dictionary, and should mean to."""
    how = settings(sizes=(3, 21), penalties=(0.05, 0.3), most_active=(2,), prices=(0.05,))
    found = {kind: hashlib.sha256() for kind in record.LEVELS}
    for one in trained(orthogonal(5), how).trained:
        for array in one.arrays().values():
            found[one.kind].update(array.tobytes())
    expected = {"relu": "b5d263eb7d880904", "topk": "12c573ee810b68c0"}
    expected["jumprelu"] = "c7fb39902199067e"
    assert {kind: made.hexdigest()[:16] for kind, made in found.items()} == expected


def test_of_equal_latents_the_first_are_kept():
    how = settings(sizes=(5,), penalties=(), most_active=(2,), batch=3)
    h = np.zeros((3, 16), np.float32)
    h[:, :2] = [[1, 0], [0, 1], [2, 1]]
    learner = training._start(2, *record.designs(how), how, np.uint64(0), h.ravel())
    directions = learner.p[: 5 * 16].reshape(5, 16)
    directions[:, :2] = [[0, 1], [1, 0], [0, 1], [1, 0], [1, 0]]
    learner = learner._replace(learning=False)
    training._pass(learner)
    # The first sample has latents 1, 3 and 4, the second 0 and 2, the third 1, 3 and 4 over them.
    assert learner.fired.tolist() == [1, 2, 1, 2, 0]


def test_a_dictionary_depends_on_no_other_and_comes_out_the_same_twice(tmp_path):
    weights = orthogonal()
    alone = trained(weights, settings(sizes=(6,), penalties=(0.2,)))
    among = trained(weights, settings(sizes=(3, 6), penalties=(0.1, 0.2), most_active=(1,)))
    for name, array in alone.trained[0].arrays().items():
        np.testing.assert_array_equal(array, among.trained[4].arrays()[name])
    for name in ("one", "two"):
        again = trained(weights, settings(sizes=(6,), penalties=(0.2,)))
        record.save(tmp_path / name, {"relu": [again]})
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_dictionaries_are_read_as_they_were_written(tmp_path):
    weights, how = orthogonal(), settings(sizes=(2, 5), most_active=(1,), prices=(0.1,))
    other, written = (training.train(weights, at, how) for at in (0, 1))
    record.save(tmp_path / "file", {"sparse": [written], "dense": [other, written]})
    found = record.load(tmp_path / "file")
    assert list(found) == ["sparse", "dense"]
    assert [one.run for one in found["dense"]] == [0, 1]
    read = found["dense"][1]
    assert (read.cell, read.run, read.settings) == (written.cell, 1, written.settings)
    np.testing.assert_array_equal(read.W, written.W)
    assert [one.size for one in read.trained] == [2, 2, 2, 5, 5, 5]
    for again, one in zip(read.trained, written.trained, strict=True):
        assert (again.kind, again.level) == (one.kind, one.level)
        for name, array in one.arrays().items():
            np.testing.assert_array_equal(again.arrays()[name], array)
    assert repr(read.of("topk").trained[1]) == "<Dictionary: 5 latents, k = 1>"


def test_a_file_of_something_else_is_refused(tmp_path):
    with pytest.raises(record.DictionaryError, match="no such file of dictionaries"):
        record.load(tmp_path / "none")


def test_features_with_dimensions_of_their_own_are_found():
    found = trained(orthogonal(), settings(sizes=(8,), penalties=(0.1,), steps=600, batch=128))
    (match,) = measures.matches(found)
    assert (match.represented, match.found) == (4, 4)
    assert match.cosine > 0.99
    assert match.unexplained < 0.1


def test_a_penalty_can_kill_every_latent():
    found = trained(orthogonal(), settings(penalties=(5.0,), learning_rate=0.05, steps=300))
    (match,) = measures.matches(found)
    assert (match.found, match.dead, match.nothings, match.active) == (0, 6, 0, 0)
    assert measures.cosines(found, found.trained[0]).tolist() == [-1] * 4


def handmade(decoder, fired, W):
    one = ideal_enumeration.dictionary(0.1, decoder, fired, 1.0, 4.0, 2.0, 10.0)
    how = settings(sizes=decoder.shape[:1])
    return Dictionaries(cell(n=W.shape[1], m=len(W)), 0, W.astype(np.float32), how, [one])


def test_matches_are_counted_as_they_are_defined():
    W = np.array([[1.0, 0.0, -1.0, 0.3], [0.0, 1.0, 0.0, 0.0]])  # the last is not represented
    decoder = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8], [-1.0, 0.0]])
    (match,) = measures.matches(handmade(decoder, [3, 5, 2, 0], W))
    assert match.represented == 3
    assert match.found == 2, "the latent opposite to the first is dead"
    assert match.dead == 1
    assert match.nothings == 1
    assert match.cosine == pytest.approx((1 + 1 + -0.0) / 3)
    assert match.unexplained == 0.25
    assert match.active == 1.0
    assert (match.sums, match.split, match.absorbed, match.lost) == (0, 0, 0, 1)


def test_features_are_split_over_several_latents_or_absorbed_into_their_set():
    W, half = np.eye(4), np.sqrt(0.5)
    decoder = np.eye(4)[[0, 0, 1, 0, 0]]
    decoder[-2:] = [[half, half, 0, 0], [0, 0, half, half]]
    found = handmade(decoder, [1, 1, 1, 0, 1], W)
    features = found.cell.features.model_copy(update={"correlated": ((0, 1), (2, 3))})
    (match,) = measures.matches(
        replace(found, cell=found.cell.model_copy(update={"features": features}))
    )
    assert (match.found, match.split, match.sums, match.absorbed, match.lost) == (2, 1, 1, 2, 0)


def test_numbers_at_a_sparsity_are_those_between_dictionaries_with_more_and_with_fewer_active():
    of_small, *of_large = (
        measures.matches(handmade(decoder, fired, np.eye(3)))[0]
        for decoder, fired in (
            (np.eye(3)[:1], [10]),
            (np.eye(3)[[0, 0, 0, 0]], [10, 10, 10, 10]),
            (np.eye(3)[[0, 1, 2, 2]], [5, 5, 5, 5]),
        )
    )
    table = [*of_large, of_small]
    assert [match.active for match in table] == [4.0, 2.0, 1.0]
    assert measures.at_sparsity(table, "relu", 2.5)["found"] == pytest.approx(2.5)
    for kind, active in (("relu", 1.5), ("relu", 4.5), ("topk", 3.0)):
        assert np.isnan(measures.at_sparsity(table, kind, active)["found"])


def test_sums_of_correlated_sets_are_counted_and_none_where_nothing_is_represented():
    found = handmade(np.array([[0.6, 0.8], [1.0, 0.0]]), [1, 1], np.diag([0.9, 1.2]))
    features = found.cell.features.model_copy(update={"correlated": ((0, 1),)})
    together = replace(found, cell=found.cell.model_copy(update={"features": features}))
    (match,) = measures.matches(together)
    assert (match.sums, match.found) == (1, 0)
    (match,) = measures.matches(handmade(np.eye(2), [1, 1], np.full((2, 3), 0.1)))
    assert (match.represented, match.found, match.nothings) == (0, 0, 2)
    assert np.isnan(match.cosine)


def test_of_an_anticorrelated_set_one_feature_is_active_at_a_time():
    sets = {"anticorrelated": ((0, 1, 2, 3), (4, 5, 6, 7))}
    features = cell(n=8, density=0.4, distribution=sets).features
    assert measures.active_features(features) == pytest.approx(0.8)


def test_dictionaries_are_of_the_run_that_is_asked_for():
    W = np.stack([np.eye(3) * scale for scale in (1, 2, 3)]).astype(np.float32)
    three = ideal.built(cell(n=3, m=3), W, np.zeros((3, 3)), [2, 3, 1])
    found = training.train(three, 1, settings(steps=1))
    assert found.run == 1
    np.testing.assert_array_equal(found.W, W[1])


BASE = {"models": ["relu"], "n_features": 3, "n_hidden": 2, "importance": 1}
BASE |= {"feature_probability": [0.1]}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dictionaries": {"sizes": [0], "penalties": [0.1]}},
         "dictionaries.sizes[0] is 0; expected at least 1"),
        ({"dictionaries": {"sizes": [], "penalties": [0.1]}}, "sizes is []; expected more entries"),
        ({"dictionaries": {"sizes": [4], "penalties": [-0.1]}}, "penalties[0] is -0.1"),
        ({"dictionaries": {"sizes": [4, 4], "penalties": [0.1]}}, "as is sizes[0]"),
        ({"dictionaries": {"sizes": [4]}}, "expected penalties (ReLU), most_active (TopK) or"),
        ({"dictionaries": {"sizes": [9, 4], "most_active": [1, 4]}},
         "most_active[1] is 4; expected fewer than the latents of the smallest dictionary, 4"),
        ({"dictionaries": {"sizes": [4], "prices": [-0.1]}}, "prices[0] is -0.1"),
        ({"models": ["relu_hidden"], "dictionaries": {"sizes": [4], "penalties": [0.1]}},
         "expected linear or relu models"),
        ({"relative_importance": [1.0, 2.0], "dictionaries": {"sizes": [4], "penalties": [0.1]}},
         "expected one or the other"),
    ],
)  # fmt: skip
def test_mistakes_in_the_settings_are_explained(changes, words):
    with pytest.raises(ConfigError) as error:
        from_mapping({"seed": 0, "experiments": {"one": BASE | changes}})
    assert words in str(error.value)
