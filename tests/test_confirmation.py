"""Builds with other seeds: what they train, and what the build here makes of them."""

import json
import re
from pathlib import Path
from string import Formatter

import pytest
from processes import python
from project import Project

from superposition.claims import CLAIMS
from superposition.config.load import from_mapping, load
from superposition.workflow.confirmation import confirmations, made_by
from superposition.workflow.plan import Plan

TINY = """
only: [intro]
runs: 3
runs_per_job: 3
evaluation_samples: 64
training: {steps: 300, batch: 64}
experiments: {intro: {runs: 3, feature_probability: [1.0]}}
"""


@pytest.fixture(scope="module")
def confirmed(tmp_path_factory):
    project = Project.new(tmp_path_factory.mktemp("place") / "a build")
    (project.folder / "tests/smoke.yaml").write_text(TINY)
    confirm = ("-m", "superposition", "confirm", "--cores", "2")
    configured = ("--config", "config.yaml", "tests/smoke.yaml")
    done = python(*confirm, *configured, cwd=project.folder, variables=project.variables())
    assert done.returncode == 0, done.stderr
    return project


@pytest.mark.slow
def test_every_seed_is_trained_and_judged_and_what_has_other_settings_is_left_out(
    confirmed, monkeypatch, capsys
):
    judged = json.loads((confirmed.folder / "results/claims.json").read_text())
    assert {tuple(one["by_seed"]) for one in judged["verdicts"]} == {("0", "1", "2")}
    assert [*judged["seal"]["came_from"]] == ["weights/intro.safetensors"]
    assert confirmed.planned() == []
    monkeypatch.chdir(confirmed.folder)
    config = load("config.yaml", "tests/smoke.yaml")
    found = list(confirmations(config))
    assert [plan.config.seed for _, plan in found] == [1, 2]
    for folder, plan in found:
        (weights,) = plan.weights()
        assert (folder / weights).read_bytes() != (confirmed.folder / weights).read_bytes()
    other = config.model_copy(update={"evaluation_samples": 32})
    assert list(confirmations(other)) == []
    assert "seed-1 has other settings and is left out: run make confirm" in capsys.readouterr().err
    (confirmed.folder / "results/confirmation/seed-2/results/weights/intro.safetensors").unlink()
    assert [plan.config.seed for _, plan in confirmations(config)] == [1]
    assert "seed-2 is not finished and is left out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("folder", "seed", "told"),
    [
        ("seed-2", 1, "seed-2 has the seed 1 and is left out"),
        ("seed-0", 0, "seed-0 has the seed of this configuration and is left out"),
        ("seed-1", 1, ""),
    ],
)
def test_a_confirmation_is_of_the_seed_of_its_folder_and_of_another_than_here(
    tmp_path, monkeypatch, capsys, folder, seed, told
):
    monkeypatch.chdir(tmp_path)
    place = Path("results/confirmation", folder)
    (place / "results/weights").mkdir(parents=True)
    (place / "results/weights/plain.safetensors").touch()
    (place / "config.yaml").write_text(json.dumps({**EXPLAINED, "seed": seed}))
    (place / "code.json").write_text(made_by(Plan(from_mapping(EXPLAINED))))
    found = [its.config.seed for _, its in confirmations(from_mapping(EXPLAINED))]
    assert found == ([] if told else [seed])
    assert told in capsys.readouterr().err


EXPLAINED = {
    "seed": 0,
    "experiments": {
        name: {
            **{"models": ["relu"], "n_features": 2, "n_hidden": 1, "importance": 1},
            **{"feature_probability": [0.5], **keys},
        }
        for name, keys in {
            "plain": {},
            "why": {"explains": ["C1"]},
            "beyond": {"follow_up": True},
        }.items()
    },
}


def test_experiments_that_explain_or_go_beyond_the_paper_are_built_if_that_is_asked_for():
    plan = Plan(from_mapping(EXPLAINED))
    assert plan.experiments == ["plain"]
    assert plan.why_not("results/data/why.csv").endswith("left out but of make explanations.")
    assert plan.why_not("results/data/beyond.csv").endswith("left out but of make follow-ups.")
    for more, name in (
        ({"explanations": True}, "why"),
        ({"follow_ups": True}, "beyond"),
        ({"only": ["plain", "beyond"]}, "beyond"),
    ):
        assert Plan(from_mapping({**EXPLAINED, **more})).experiments == ["plain", name]


NOT_RESULTS = re.compile(
    r"1/\(1 − S\)|1/\(1 − \|b_i\|\)|(1 − S|density)( (=|of|from))?( [\d.]+)?|[nm] = \d+|\b\d/\d\b"
    r"|1/[A-Z]\w*|\w_\{?\d"
)
"""Symbols, settings and fractions."""


@pytest.mark.parametrize(
    "explanation",
    [one for claim in CLAIMS for check in claim.checks for one in check.explanations],
    ids=lambda one: one.text[:40],
)
def test_no_number_is_typed_into_an_explanation(explanation):
    typed = "".join(text for text, *_ in Formatter().parse(explanation.text))
    assert not re.search(r"\d", NOT_RESULTS.sub("", typed)), typed
