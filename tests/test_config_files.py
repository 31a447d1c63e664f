"""Configuration files: strict YAML, overlays, and the file that a message names."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from superposition.config.load import ConfigError, from_mapping, load

CONFIG = (Path(__file__).parents[1] / "config.yaml").read_text(encoding="utf-8")
BASE: dict[str, Any] = yaml.safe_load(CONFIG)


def file_message(tmp_path: Path, text: str) -> str:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load(path)
    return str(error.value).removeprefix(str(tmp_path) + "/")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "seed: 0\nseed: 1\n",
            "line 2, column 1: this is not valid YAML (the key seed is given tw",
        ),
        (
            "training: {steps: 1, steps: 2}",
            "line 1, column 22: this is not valid YAML (the key step",
        ),
        ("training:\n\tsteps: 1\n", "YAML does not allow tabs: indent with spaces."),
        ("training:\n  steps: 1\n\tbatch: 2\n", "YAML does not allow tabs: indent with spaces."),
        ("a: b: c\n", "line 1, column 5: this is not valid YAML (mapping values are not allowed"),
        ("a: 1\nb\nc: 2\n", "A colon and a space must follow each key."),
        ("a: [1, 2\nb: 3\n", "A bracket or brace may not be closed."),
        ("a:\n  b: 1\n c: 2\n", "The indentation does not match the lines above."),
        ("a: !!python/name:os.system\n", "could not determine a constructor for the tag"),
        ("a: \x00\n", "control characters are not allowed"),
        (
            "# only a comment\n",
            "the file holds nothing; expected keys with values, such as seed: 0.",
        ),
        ("- 1\n", "the file holds [1]; expected keys with values"),
    ],
)
def test_file_that_is_not_a_configuration_is_explained(tmp_path, text, expected):
    whole = file_message(tmp_path, text)
    assert whole.startswith("config.yaml")
    assert expected in whole


def test_file_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=rf"^nope\.yaml: there is no such file in {tmp_path}\."):
        load("nope.yaml")
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load(tmp_path)
    (tmp_path / "x.yaml").write_bytes(b"a: \xff\n")
    with pytest.raises(ConfigError, match=r"byte 3 is not UTF-8\. Save the file as UTF-8 text\."):
        load("x.yaml")


def test_anchors_and_merge_keys_are_plain_yaml(tmp_path):
    text = CONFIG.replace("  steps: 10000", "  <<: &ours {steps: 5}", 1)
    (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
    training = load(tmp_path / "config.yaml").training
    assert (training.steps, training.batch) == (5, 1024)


# Overlays


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("config.yaml").write_text(CONFIG, encoding="utf-8")

    def overlay(content: dict[str, Any]) -> tuple[str, str]:
        Path("overlay.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
        return "config.yaml", "overlay.yaml"

    return overlay


def test_overlay_merges_keys_and_replaces_lists(files):
    config = load(*files({"experiments": {"intro": {"feature_probability": [0.5]}}, "runs": 2}))
    assert [name for name in config.cells() if name.startswith("intro/")] == ["intro/relu_p0.5"]
    assert (config.runs, config.experiments["intro"].runs, config.seed) == (2, 64, 0)
    assert config.experiments["demonstration"] == load("config.yaml").experiments["demonstration"]


def test_overlay_merges_as_snakemake_does(files):
    from snakemake.utils import update_config

    overlay = {"experiments": {"intro": {"importance": {"decay": 0.5}, "models": ["relu"]}}}
    merged = copy.deepcopy(BASE)
    update_config(merged, overlay)
    assert load(*files(overlay)) == from_mapping(merged)


def test_message_names_the_file_at_fault(files):
    overlay = {"runs": 0, "experiments": {"intro": {"feature_probability": [1, 2]}}}
    with pytest.raises(ConfigError) as error:
        load(*files(overlay))
    assert [line.partition(" is ")[0] for line in str(error.value).splitlines()] == [
        "overlay.yaml: runs",
        "overlay.yaml: experiments.intro.feature_probability[1]",
    ]
    Path("config.yaml").write_text(CONFIG.replace("seed: 0", "seed: x"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"(?m)^config\.yaml: seed is 'x'"):
        load(*files(overlay))
    # What is missing everywhere is asked for in the first file.
    Path("config.yaml").write_text(CONFIG.replace("seed: 0", ""), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"^config\.yaml: seed is missing"):
        load(*files({"runs": 4}))


def test_key_given_twice_is_found_in_files_that_are_merged_already(files):
    names = files({"runs": 1})
    Path("overlay.yaml").write_text("runs: 1\nruns: 2\n", encoding="utf-8")
    with pytest.raises(
        ConfigError, match=r"^overlay\.yaml, line 2, column 1: .*the key runs is given"
    ):
        from_mapping({**BASE, "runs": 2}, files=names)


def test_setting_from_the_command_line_is_not_blamed_on_a_file(files):
    names = files({"runs": 0, "training": {"epsilon": float("nan")}})
    with pytest.raises(ConfigError) as error:
        from_mapping({"evaluation_samples": "x", "seed": None}, files=names)
    assert [line.partition(" is ")[0] for line in str(error.value).splitlines()] == [
        "--config: seed",
        "overlay.yaml: runs",
        "--config: evaluation_samples",
        "overlay.yaml: training.epsilon",
    ]
