"""Tidy tables as CSV."""

import numpy as np
import pytest

from superposition.base.tables import write_table


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ({"I": np.array([0.9**3, 1 / 3, 1e-12, 1e9]), "run": range(4)},
         b"I,run\n0.729,0\n0.333333333,1\n1e-12,2\n1e+09,3\n"),
        ({"a": [None, 1.5, float("nan")], "b": np.array([np.nan, np.inf, 0.0])},
         b"a,b\n,\n1.5,inf\n,0\n"),
        ({"best": np.array([True, False]), "n": [10**10, 2], "text": ["plain", "a, b"]},
         b'best,n,text\nTrue,10000000000,plain\nFalse,2,"a, b"\n'),
    ],
    ids=["floats of nine digits", "missing and infinite", "truths, counts and texts"],
)  # fmt: skip
def test_tables_are_written_with_unix_ends(columns, text, tmp_path):
    write_table(columns, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == text


def test_columns_of_different_lengths_are_no_table(tmp_path):
    with pytest.raises(ValueError, match="shorter"):
        write_table({"a": [1, 2], "b": [1]}, tmp_path / "t.csv")
    assert not list(tmp_path.iterdir())
