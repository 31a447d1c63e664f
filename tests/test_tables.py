"""Tidy tables as CSV."""

import csv

import numpy as np
import pytest

from superposition.base.tables import write_table


def test_floats_have_nine_digits_and_lines_unix_ends(tmp_path):
    write_table({"I": np.array([0.9**3, 1 / 3, 1e-12, 1e9]), "run": range(4)}, tmp_path / "t.csv")
    text = (tmp_path / "t.csv").read_bytes()
    assert text == b"I,run\n0.729,0\n0.333333333,1\n1e-12,2\n1e+09,3\n"


def test_what_is_missing_is_left_empty_and_what_is_infinite_is_not(tmp_path):
    columns = {"a": [None, 1.5, float("nan")], "b": np.array([np.nan, np.inf, 0.0])}
    write_table(columns, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == "a,b\n,\n1.5,inf\n,0\n"


def test_truths_counts_and_texts_are_written_as_they_are(tmp_path):
    columns = {"best": np.array([True, False]), "n": [10**10, 2], "text": ["plain", "a, b"]}
    write_table(columns, tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [["best", "n", "text"], ["True", "10000000000", "plain"], ["False", "2", "a, b"]]


def test_columns_of_different_lengths_are_no_table(tmp_path):
    with pytest.raises(ValueError, match="shorter"):
        write_table({"a": [1, 2], "b": [1]}, tmp_path / "t.csv")
    assert not list(tmp_path.iterdir())
