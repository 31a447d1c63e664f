"""Compiled code is kept where it can be, and never outlives the code that it was made from."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import superposition

PROGRAM = """
import numpy as np
from superposition.philox import words
print(words(np.uint64(1), 0, 0, 0, 1)[0])
"""


class Checkout:
    """A copy of the package, to edit."""

    def __init__(self, folder: Path) -> None:
        self.source = folder / "superposition"
        self.environment = {**os.environ, "PYTHONPATH": str(folder)}
        shutil.copytree(
            Path(superposition.__file__).parent,
            self.source,
            ignore=shutil.ignore_patterns("__pycache__"),
        )

    def run(self, cache: Path) -> tuple[str, str]:
        environment = {**self.environment, "NUMBA_CACHE_DIR": str(cache)}
        command = [sys.executable, "-c", PROGRAM]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return done.stdout, done.stderr

    def change_a_callee(self) -> None:
        """Change what `words` computes, in another module than its own."""
        file = self.source / "lanes.py"
        text = file.read_text()
        assert "0xFFFFFFFF" in text
        file.write_text(text.replace("0xFFFFFFFF", "0xFFFFFFFE"))


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "copy")


def test_editing_a_module_that_is_called_discards_compiled_code(checkout, tmp_path):
    before, _ = checkout.run(tmp_path / "cache")
    assert list((tmp_path / "cache").rglob("*.nbc"))
    checkout.change_a_callee()
    after, _ = checkout.run(tmp_path / "cache")
    assert after != before


def test_without_a_usable_cache_code_is_compiled_anew_with_a_warning(checkout):
    """/dev/null is a file, so no folder can be made below it, even by root."""
    before, warning = checkout.run(Path("/dev/null/cache"))
    assert re.search(r"warning: compiled code could not be kept in /dev/null/cache/", warning)
    assert "NUMBA_CACHE_DIR" in warning
    assert not list(checkout.source.rglob("*.nb[ci]")), "nothing may be kept anywhere else"
    checkout.change_a_callee()
    assert checkout.run(Path("/dev/null/cache"))[0] != before
