"""The random numbers: the published generator, and numbers that do not depend on each other."""

import numpy as np
import pytest

from superposition.kernels.contracts.philox import BLOCK, UNITS
from superposition.sampling.philox import key_of, words


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
