"""Samples of x have the promised frequencies, values and dependences, however they are drawn.

Their random numbers are those of the published generator, and do not depend on each other.
"""

import numpy as np
import pytest
from cells import ROWS, features
from numpy.typing import NDArray

from superposition.config.settings import FeatureSettings
from superposition.kernels.contracts.philox import BLOCK, UNITS
from superposition.sampling.distribution import draws_by_jumping, empty_probability, tabulate, units
from superposition.sampling.philox import key_of, words
from superposition.sampling.sample import draw_samples

SAMPLES = 200_000

DISTRIBUTIONS = {
    "dense": features(3, 1.0),
    "every unit": features(5, 0.3),
    "every unit, signed": features(5, 0.3, value_range="signed"),
    "unequal": features(4, (1.0, 0.5, 0.05, 0.001)),
    "jumping": features(40, 0.02),
    "jumping, signed": features(40, 0.02, value_range="signed"),
    "jumping, unequal": features(30, (0.1,) * 10 + (0.001,) * 20),
    "very sparse": features(20, 0.001),
    "correlated": features(6, 0.3, correlated=((0, 3), (1, 2, 5))),
    "anticorrelated": features(6, 0.3, anticorrelated=((0, 1), (2, 4, 5))),
    "values given": features(5, 0.3, value_range=(0.5, 2.0)),
    "jumping, values given": features(40, 0.02, value_range=(0.5, 2.0)),
    "anticorrelated, always on": features(4, 1.0, anticorrelated=((0, 1), (2, 3))),
}


def draw(settings: FeatureSettings, step: int = 0, samples: int = SAMPLES) -> NDArray[np.float32]:
    return draw_samples(tabulate(settings), key_of("a run"), step, samples)


def test_the_examples_cover_every_way_of_drawing() -> None:
    assert draws_by_jumping(DISTRIBUTIONS["jumping"])
    assert not draws_by_jumping(DISTRIBUTIONS["every unit"])
    # Of so many, the last would never be reached: what survives till there is no number.
    assert not draws_by_jumping(features(9000, (0.5,) * 1100 + (0.0015,) * 7900))
    ways = {(t.jumping, t.sieved) for t in (tabulate(row.features) for row in ROWS.values())}
    assert ways == {(False, False), (False, True), (True, True)}


@pytest.mark.parametrize("name", ["every unit", "jumping", "every unit, signed", "jumping, signed"])
def test_features_are_independent(name: str) -> None:
    x = draw(DISTRIBUTIONS[name])
    for table in (x != 0.0, x):
        correlation = np.corrcoef(table.T.astype(np.float64))
        np.fill_diagonal(correlation, 0.0)
        assert np.abs(correlation).max() < 5.5 / np.sqrt(SAMPLES)


@pytest.mark.parametrize("name", ["every unit", "jumping"])
def test_samples_and_steps_are_independent(name: str) -> None:
    settings = DISTRIBUTIONS[name]
    first, second = (draw(settings, step).ravel().astype(np.float64) for step in (0, 1))
    n = settings.n_features
    for a, b in ((first, second), (first[n:], first[:-n]), (first[64 * n :], first[: -64 * n])):
        assert abs(np.corrcoef(a, b)[0, 1]) < 5 / np.sqrt(len(a))


@pytest.mark.parametrize("name", ["every unit", "jumping", "jumping, signed", "correlated"])
def test_normalised_samples_are_the_others_over_their_lengths(name: str) -> None:
    settings = DISTRIBUTIONS[name]
    plain, x = (
        draw(settings.model_copy(update={"normalised": yes}), 3, 1000) for yes in (False, True)
    )
    lengths = np.linalg.norm(plain.astype(np.float64), axis=1, keepdims=True)
    expected = np.divide(plain, lengths, out=np.zeros_like(lengths * plain), where=lengths > 0)
    np.testing.assert_allclose(x, expected, rtol=1e-6)
    assert not lengths.all() or name == "dense"


def test_the_number_of_active_features_is_that_of_independent_ones() -> None:
    settings = DISTRIBUTIONS["jumping"]
    found = np.bincount((draw(settings) != 0.0).sum(axis=1), minlength=4)[:4] / SAMPLES
    expected = 0.98**40 * np.cumprod([1.0, *((40 - k) / (k + 1) * 0.02 / 0.98 for k in range(3))])
    assert (np.abs(found - expected) < 5 * np.sqrt(expected / SAMPLES)).all()
    assert empty_probability(settings) == pytest.approx(expected[0])


def test_correlated_members_are_active_together_with_magnitudes_of_their_own() -> None:
    x = draw(DISTRIBUTIONS["correlated"])
    on = x != 0.0
    assert (on[:, 0] == on[:, 3]).all()
    assert (on[:, 1] == on[:, 2]).all()
    assert (on[:, 1] == on[:, 5]).all()
    assert abs(np.corrcoef(on[:, 0], on[:, 1])[0, 1]) < 5 / np.sqrt(SAMPLES)
    for i, j in ((0, 3), (1, 2), (2, 5)):
        both = x[on[:, i]]
        assert abs(np.corrcoef(both[:, i], both[:, j])[0, 1]) < 5 / np.sqrt(len(both))


def test_exactly_one_member_of_an_active_anticorrelated_set_is_active() -> None:
    for name in ("anticorrelated", "anticorrelated, always on"):
        settings = DISTRIBUTIONS[name]
        on = draw(settings) != 0.0
        for group in settings.anticorrelated:
            members = on[:, list(group)].sum(axis=1)
            assert members.max() == 1
            assert members.mean() == pytest.approx(settings.feature_probability[0], abs=0.006)


def test_every_unit_is_drawn_as_documented() -> None:
    """A word for each feature: active below p · 2³², and then the word, stretched, is the value."""
    settings = features(3, (0.25, 1.0, 0.5))
    x = draw(settings, step=4, samples=300)
    for i, p in enumerate(settings.feature_probability):
        u = words(key_of("a run"), UNITS, 4, i, 300) / 2.0**32
        np.testing.assert_array_equal(x[:, i] != 0.0, u < p)
        np.testing.assert_allclose(x[u < p, i], u[u < p] / p, atol=1e-6)


def test_jumping_is_drawn_as_documented() -> None:
    """Word r of a sample picks its (r + 1)-th active feature by inverting the distribution."""
    settings = features(24, 0.04)
    assert draws_by_jumping(settings)
    x = draw(settings, step=9, samples=500)
    rounds = [words(key_of("a run"), UNITS, 9, r, 500) for r in range(25)]
    survival = 0.96 ** np.arange(25)
    for s in range(500):
        expected, position = np.zeros(24), 0
        for word in (float(drawn[s]) for drawn in rounds):
            target = (word + 1.0) / 2.0**32 * survival[position]
            below = np.flatnonzero(survival[position + 1 :] < target)
            if not len(below):
                break
            k = position + below[0]
            expected[k] = (survival[k] - target) / (survival[k] - survival[k + 1])
            position = k + 1
        np.testing.assert_allclose(x[s], expected, atol=1e-6)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_fewer_samples_are_a_beginning_of_more(name: str) -> None:
    few, many = (draw(DISTRIBUTIONS[name], samples=count) for count in (101, 300))
    np.testing.assert_array_equal(few, many[:101])


def test_sets_are_units_in_order_of_their_first_members() -> None:
    settings = features(6, 0.3, correlated=((4, 1),), anticorrelated=((3, 5),))
    assert units(settings) == ((0,), (4, 1), (2,), (3, 5))


def philox4x32_10(counter: tuple[int, ...], key: tuple[int, int]) -> tuple[int, ...]:
    """The generator as Salmon et al. (2011) define it, in whole numbers."""
    x, (k0, k1), low = list(counter), key, 0xFFFFFFFF
    for _ in range(10):
        p0, p1 = 0xD2511F53 * x[0], 0xCD9E8D57 * x[2]
        x = [(p1 >> 32) ^ x[1] ^ k0, p1 & low, (p0 >> 32) ^ x[3] ^ k1, p0 & low]
        k0, k1 = (k0 + 0x9E3779B9) & low, (k1 + 0xBB67AE85) & low
    return tuple(x)


# Known answers published with the generator (Random123, kat_vectors, philox4x32 with 10 rounds).
PUBLISHED = {
    ((0, 0, 0, 0), (0, 0)): (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2): (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
    ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0)): (
        0xD16CFE09,
        0x94FDCCEB,
        0x5001E420,
        0x24126EA1,
    ),
}


@pytest.mark.parametrize(("counter_and_key", "answer"), PUBLISHED.items())
def test_the_definition_gives_the_published_answers(
    counter_and_key: tuple[tuple[int, ...], tuple[int, int]], answer: tuple[int, ...]
) -> None:
    assert philox4x32_10(*counter_and_key) == answer


@pytest.mark.parametrize("key", [0, 1, 0x299F31D0A4093822, 2**64 - 1])
@pytest.mark.parametrize(("use", "step", "slot"), [(0, 0, 0), (2, 9_999, 399), (1, 2**31, 7)])
def test_words_follow_the_definition(key: int, use: int, step: int, slot: int) -> None:
    found = words(np.uint64(key), use, step, slot, 3 * BLOCK + 5)
    for sample in (0, 1, 15, 16, 63, 64, 130, 3 * BLOCK + 4):
        block, place = divmod(sample, BLOCK)
        counter = (16 * block + place % 16, slot, step, use)
        answer = philox4x32_10(counter, (key & 0xFFFFFFFF, key >> 32))
        assert found[sample] == answer[place // 16]


def test_any_count_of_words_is_a_beginning_of_a_longer_one() -> None:
    key = key_of("a run")
    np.testing.assert_array_equal(words(key, UNITS, 3, 2, 77), words(key, UNITS, 3, 2, 500)[:77])


def test_words_are_uniform() -> None:
    found = words(key_of("uniform"), UNITS, 0, 0, 200_000)
    counts = np.bincount(found >> 24, minlength=256)
    chi_squared = ((counts - 200_000 / 256) ** 2 / (200_000 / 256)).sum()
    assert 255 - 5 * np.sqrt(510) < chi_squared < 255 + 5 * np.sqrt(510)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("run 0", 0, 0, 0), ("run 1", 0, 0, 0)),
        (("run 0", 0, 0, 0), ("run 0", 1, 0, 0)),
        (("run 0", 0, 0, 0), ("run 0", 0, 1, 0)),
        (("run 0", 0, 0, 0), ("run 0", 0, 0, 1)),
    ],
    ids=["runs", "uses", "steps", "slots"],
)
def test_words_of_different_places_are_unrelated(
    one: tuple[str, int, int, int], other: tuple[str, int, int, int]
) -> None:
    a, b = (
        words(key_of(identity), use, step, slot, 100_000).astype(np.float64)
        for identity, use, step, slot in (one, other)
    )
    assert abs(np.corrcoef(a, b)[0, 1]) < 5 / np.sqrt(100_000)
    assert abs(np.corrcoef(a[1:], b[:-1])[0, 1]) < 5 / np.sqrt(100_000)


def test_keys_come_from_text() -> None:
    assert key_of("a") == np.uint64(0xCA978112CA1BBDCA)
    assert key_of("a") != key_of("b")
