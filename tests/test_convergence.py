"""Recipes compared by loss: the rule, the file of families, the messages, the page, the refusal."""

import json
import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import ideal
import numpy as np
import pytest
import yaml
from cells import cell, small
from judged import the, trained
from project import ROOT, Project, jobs_in

from superposition import claims
from superposition.base.errors import UserError
from superposition.claims import Outcome
from superposition.config.derived import density
from superposition.config.load import from_mapping
from superposition.config.load import load as load_config
from superposition.config.messages import ConfigError
from superposition.config.settings import RecipeSettings
from superposition.convergence import families
from superposition.convergence.check import problems
from superposition.convergence.comparison import compare, fresh_sample, loss_of_mean
from superposition.convergence.evidence import (
    CellEvidence,
    Evidence,
    FamilyEvidence,
    Trial,
    problem_of,
    read,
    recipe_key,
    words,
)
from superposition.convergence.page import page
from superposition.measure.structures.comparison import comparison, sampled_loss_of_mean
from superposition.model.weights import save
from superposition.sampling.sample import evaluation_sample
from superposition.training import train
from superposition.training.evaluate import evaluation_sample_of
from superposition.workflow.convergence import EVIDENCE, Trials

FILE = Path("workflow/convergence.json")
SHORT, LONG = RecipeSettings(steps=1000), RecipeSettings(steps=2000)
LONGER = RecipeSettings(steps=4000)


def trial(recipe: RecipeSettings, *losses: float | None, D=(0.5, 0.52, 0.54), cells="a") -> Trial:
    found = CellEvidence(loss=losses, quantities={"D*": D})
    return Trial(recipe=recipe, cells={name: found for name in cells})


def family(*trials: Trial, **given) -> FamilyEvidence:
    names = trials[0].cells
    plain = {"settings": "s", "problems": {}, "runs": 3, "of_mean": {name: 1.0 for name in names}}
    return FamilyEvidence(**(plain | given), trials={recipe_key(t.recipe): t for t in trials})


def test_what_a_recipe_lacks_is_a_share_of_what_the_best_one_saves_and_not_of_the_loss():
    it = family(trial(SHORT, 0.9021, 0.902, 0.9019), trial(LONG, 0.9, 0.9, 0.9))
    # .098 of .1 saved: 2 % less, though the loss is but .2 % higher
    assert it.excess(recipe_key(SHORT), "a") == pytest.approx(0.02)
    assert it.excess(recipe_key(LONG), "a") == 0
    assert "2 % less than the best recipe tried" in it.shortcoming(recipe_key(SHORT))


def test_what_chance_may_give_a_recipe_counts_not_against_it():
    """Two runs of three end in a worse minimum, where those of the best one end in a better one."""
    it = family(trial(SHORT, 0.5, 0.7, 0.5), trial(LONG, 0.5, 0.5, 0.5))
    assert it.excess(recipe_key(SHORT), "a") == pytest.approx(2 / 15)
    assert it.chance(recipe_key(SHORT), "a") == pytest.approx(4 / 15)
    assert it.lacking(recipe_key(SHORT)) == []


def test_one_density_at_which_a_recipe_saves_too_little_is_enough_to_refuse_it():
    good, bad = (CellEvidence(loss=(x,) * 3, quantities={}) for x in (0.5, 0.51))
    short = Trial(recipe=SHORT, cells={"dense": good, "sparse": bad})
    long = Trial(recipe=LONG, cells={"dense": good, "sparse": good})
    it = family(short, long)
    assert it.worst(recipe_key(SHORT)) == (pytest.approx(0.02), "sparse")
    assert it.shortcoming(recipe_key(SHORT)).startswith("at sparse")


@pytest.mark.parametrize(
    ("twice", "moves"),
    [((0.52, 0.53, 0.56), False), ((0.6, 0.61, 0.62), True), ((0.5, None, 0.5), True)],
    ids=["within the range over runs", "beyond it", "diverged"],
)
def test_a_recipe_is_sufficient_only_if_nothing_moves_by_more_than_its_spread(twice, moves):
    it = family(trial(SHORT, *[0.5] * 3), trial(LONG, *[0.5] * 3, D=twice))
    assert bool(it.shortcoming(recipe_key(SHORT))) is moves
    assert ("with twice the steps D* from 0.52" in it.shortcoming(recipe_key(SHORT))) is moves


def test_what_hardly_moves_has_not_moved_however_alike_the_runs_are():
    it = family(trial(SHORT, *[0.5] * 3, D=[0.5] * 3), trial(LONG, *[0.5] * 3, D=[0.504] * 3))
    assert it.shortcoming(recipe_key(SHORT)) == ""


def test_a_recipe_without_a_trial_of_twice_the_steps_is_not_sufficient():
    it = family(trial(SHORT, *[0.5] * 3))
    assert it.shortcoming(recipe_key(SHORT)) == "it was not tried with twice the steps as well"
    assert it.chosen() is None


def test_the_cheapest_sufficient_recipe_is_chosen_though_longer_ones_save_more():
    trials = (trial(r, *[x] * 3) for r, x in ((SHORT, 0.51), (LONG, 0.504), (LONGER, 0.5)))
    it = family(*trials)
    assert it.chosen() == recipe_key(LONG)


def test_a_recipe_of_which_a_run_diverges_is_never_sufficient():
    it = family(trial(SHORT, 0.5, None, 0.5), trial(LONG, *[0.5] * 3))
    assert it.worst(recipe_key(SHORT))[0] == math.inf
    assert "a run diverges" in it.shortcoming(recipe_key(SHORT))


def test_penalties_attacks_and_snapshots_are_no_part_of_a_recipe():
    plain, other = cell(), cell(activation_penalty=0.1, snapshots=(1, 2))
    assert recipe_key(plain.training) == recipe_key(other.training)
    assert recipe_key(plain.training) != recipe_key(cell(batch=64).training)


def test_evidence_is_for_models_of_the_same_size_importance_and_features_at_any_density():
    same, others = (
        cell(density=0.01),
        [cell(n=8), cell(m=4), cell("linear"), cell(importance=(1.0,) * 7)],
    )
    assert problem_of(same) == problem_of(cell())
    assert problem_of(cell()) not in map(problem_of, others)


def test_recipes_are_said_in_words():
    recipe = RecipeSettings(
        optimizer="adam", weight_decay=0.0, learning_rate=0.003, schedule="cosine", epsilon=1e-6
    )
    assert words(recipe) == "adam 0.003 cosine, epsilon 1e-06, 1,024 × 10,000"
    assert words(RecipeSettings()) == "adamw 0.001 constant, 1,024 × 10,000"


@pytest.mark.parametrize(
    "settings",
    [
        cell(density=0.3),
        cell(density=(0.5, 0.2) + (0.1,) * 5),
        cell(distribution={"anticorrelated": ((0, 1), (2, 3))}),
        cell("absolute", distribution={"value_range": "signed"}),
        cell(density=0.6, distribution={"normalised": True}),
        cell("absolute", distribution={"value_range": (-2.0, 1.0)}),
    ],
    ids=["one density", "several", "anticorrelated", "absolute", "normalised", "values given"],
)
def test_answering_with_the_mean_has_the_loss_that_it_has_on_a_sample(settings):
    sample = fresh_sample(settings.model_copy(update={"evaluation_samples": 200_000}))
    x = sample.x
    target = np.zeros((200_000, x.shape[1]))
    target[: len(x)] = np.abs(x) if settings.model.model == "absolute" else x
    found = np.mean(np.asarray(settings.model.importance) * target.var(axis=0))
    assert loss_of_mean(settings, sample) == pytest.approx(found, rel=0.01)


def test_the_fresh_sample_is_not_the_one_on_which_runs_are_ranked():
    it = cell()
    ranked = evaluation_sample(it.features, it.seed, it.evaluation_samples)
    assert not np.array_equal(fresh_sample(it).x[:10], ranked.x[:10])


# The file of families.

PAIRS = {
    "families": {
        "pairs": {
            "experiments": ["pairs"],
            "compared": [{"experiment": "pairs", "densities": [0.2], "models": ["relu"]}],
            "samples": 2048,
            "recipes": [{"learning_rate": 0.01}],
        }
    }
}
CONFIG = from_mapping(small(training={"steps": 100, "batch": 128}))


def written(tmp_path: Path, content=PAIRS) -> Path:
    path = tmp_path / "recipes.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def pairs(**given):
    return {"families": {"pairs": PAIRS["families"]["pairs"] | given}}


def contest(tmp_path: Path, config=CONFIG, content=PAIRS) -> families.Contest:
    path = written(tmp_path, content)
    return families.contest(families.load(path), "pairs", config, path)


def test_configured_recipes_are_tried_with_twice_and_four_times_the_steps_and_then_others(tmp_path):
    found = [(r.learning_rate, r.steps) for r in contest(tmp_path).recipes.values()]
    assert found == [(0.001, 100), (0.001, 200), (0.001, 400), (0.01, 10_000)]


def test_cells_compared_are_the_experiments_but_for_density_runs_and_sample(tmp_path):
    (name, compared), *others = contest(tmp_path).cells(LONG).items()
    assert others == []
    assert name == "pairs relu_p0.2"
    assert (compared.runs, compared.evaluation_samples, density(compared)) == (3, 10_240, 0.2)
    assert compared.model == CONFIG.cells()["pairs/relu_p0.1"].model
    assert RecipeSettings(**compared.training.model_dump(exclude={"snapshots"})) == LONG


@pytest.mark.parametrize("left_out", [{"follow_up": True}, {"explains": ["C1"]}])
def test_cells_of_experiments_that_a_build_leaves_out_are_compared_all_the_same(tmp_path, left_out):
    config = from_mapping(small(**left_out) | {"explanations": False})
    assert list(contest(tmp_path, config).cells(LONG)) == ["pairs relu_p0.2"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pairs(runs=2), "families.pairs.runs is 2; expected at least 3."),
        (pairs(steps=1), "families.pairs.steps is not a key here"),
        (
            pairs(recipes=[{"stepps": 5}]),
            "families.pairs.recipes[0].stepps is not a key here; did you mean steps?",
        ),
        (
            pairs(recipes=[{"attack": 0.5}]),
            "families.pairs.recipes[0].attack is given; recipes are compared by the plain loss",
        ),
        (
            pairs(compared=[{"experiment": "intro", "densities": [1.5]}]),
            "families.pairs.compared[0].densities[0] is 1.5; expected at most 1.",
        ),
        (
            pairs(compared=[{"experiment": "intro", "densities": [0.5]}]),
            "families.pairs.compared[0].experiment is 'intro'; expected one of those that the",
        ),
        (
            pairs(quantities=["size"]),
            "families.pairs.quantities[0] is 'size'; expected one of 'D*'",
        ),
        (
            PAIRS | {"exempt": {"pairs": "because"}},
            "families.pairs.experiments[0] is 'pairs', as in exempt; expected each experiment once",
        ),
        (PAIRS | {"exempt": {"intro": ""}}, "exempt.intro is ''; expected"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_mistakes_in_the_file_are_told_with_file_key_and_what_is_expected(
    tmp_path, content, message
):
    with pytest.raises(ConfigError) as error:
        families.load(written(tmp_path, content))
    assert f"recipes.yaml: {message}" in str(error.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            pairs(experiments=["pairs", "intro"]),
            "families.pairs.experiments[1] is 'intro', which is not in the configuration",
        ),
        (
            pairs(compared=[{"experiment": "pairs", "densities": [0.5, 0.5]}]),
            "families.pairs.compared[0].experiments.pairs.feature_probability[1] is 0.5, as is",
        ),
        (
            pairs(recipes=[{"optimizer": "adam", "weight_decay": -0.5}]),
            "recipes.yaml: families.pairs: a recipe's weight_decay is -0.5 with adam; expected 0",
        ),
    ],
    ids=["unknown experiment", "density twice", "contradicting recipe"],
)
def test_what_does_not_go_with_the_configuration_is_told_as_well(tmp_path, content, message):
    with pytest.raises(UserError) as error:
        contest(tmp_path, content=content)
    assert message in str(error.value)


def test_a_family_that_is_not_there_is_told_with_those_that_are(tmp_path):
    path = written(tmp_path)
    with pytest.raises(UserError, match=r"no family 'pears'; expected one of pairs"):
        families.contest(families.load(path), "pears", CONFIG, path)


# From training to the evidence.


@pytest.fixture(scope="module")
def compared(tmp_path_factory) -> FamilyEvidence:
    folder = tmp_path_factory.mktemp("trials")
    return compare(contest(folder), trained_in(folder))


def trained_in(folder: Path) -> dict[str, Path]:
    files = {}
    for key, recipe in contest(folder).recipes.items():
        cells = contest(folder).cells(recipe)
        files[key] = folder / f"{key}.safetensors"
        save(files[key], dict(zip(cells, train(list(cells.values()), range(3)), strict=True)))
    return files


def test_recipes_are_compared_on_what_they_have_trained(compared):
    configured = CONFIG.cells()["pairs/relu_p0.1"].training
    short = compared.excess(recipe_key(configured), "pairs relu_p0.2")
    # A hundred steps of the notebook's recipe do next to nothing, ten thousand at .01 learn it.
    assert short > 0.5
    assert "less than the best" in compared.shortcoming(recipe_key(configured))
    assert {len(t.cells["pairs relu_p0.2"].loss) for t in compared.trials.values()} == {3}
    assert compared.problems == {
        "pairs": tuple(sorted({problem_of(one) for one in CONFIG.cells().values()}))
    }


def test_weights_of_another_recipe_are_refused(tmp_path):
    files = trained_in(tmp_path)
    first, second, *_ = files
    files[first].write_bytes(files[second].read_bytes())
    with pytest.raises(UserError, match=f"{first}.*trained with other settings.*Delete the file"):
        compare(contest(tmp_path), files)


def test_evidence_is_read_as_it_was_written_and_times_decide_nothing(compared, tmp_path):
    evidence = Evidence(families={"pairs": compared}, core_seconds={"pairs": {"a": 1.0}})
    path = tmp_path / "convergence.json"
    path.write_text(evidence.text())
    assert read(path) == evidence
    assert evidence.identity() == Evidence(families={"pairs": compared}).identity()
    assert max(map(len, evidence.text().splitlines())) < 200
    assert read(tmp_path / "none.json") == Evidence()


def test_a_file_that_is_no_evidence_is_refused(tmp_path):
    path = tmp_path / "convergence.json"
    path.write_text(json.dumps({"families": {"pairs": {"runs": "three"}}}))
    with pytest.raises(
        UserError, match=r"convergence.json: families.pairs\.\w+ is not as evidence"
    ):
        read(path)


def test_the_page_has_every_recipe_with_its_loss_excess_cost_and_what_became_of_it(compared):
    chosen = family(*(trial(r, *[x] * 3) for r, x in ((SHORT, 0.51), (LONG, 0.5), (LONGER, 0.5))))
    evidence = Evidence(
        families={"pairs": compared, "other": chosen},
        core_seconds={"other": {recipe_key(LONG): 1.25}},
    )
    text = page(evidence, {"intro": "it is the notebook's"})
    assert "Chosen: **adamw 0.001 constant, 1,024 × 2,000**." in text
    assert "| adamw 0.001 constant, 1,024 × 2,000 | 2.05 | 1.25 | 0.00 % | chosen |" in text
    assert "| adamw 0.001 constant, 1,024 × 1,000 | 0.51 | 0 | 2.00 % | 0.52 | 0.04 |" in text
    assert "No recipe tried is sufficient." in text
    assert "- `intro`: it is the notebook's" in text
    for one in compared.trials.values():
        assert text.count(f"| {words(one.recipe)} |") == 2


# What holds config.yaml to it.


def found(tmp_path, evidence: FamilyEvidence | None, config=CONFIG, content=PAIRS) -> str:
    known = Evidence(families={"pairs": evidence} if evidence else {})
    return "\n".join(problems(config, families.load(written(tmp_path, content)), known, FILE))


def test_an_experiment_without_a_family_or_a_reason_is_told(tmp_path):
    config = CONFIG.model_copy(
        update={"experiments": {**CONFIG.experiments, "more": CONFIG.experiments["pairs"]}}
    )
    assert "config.yaml: experiments.more has a recipe for which nothing speaks" in found(
        tmp_path, None, config
    )
    exempt = PAIRS | {"exempt": {"more": "it is new", "less": "it is old"}}
    told = found(tmp_path, None, config, exempt)
    assert "nothing speaks" not in told
    assert "exempt.less is not in config.yaml" in told


def test_a_family_without_evidence_is_told_with_what_to_run(tmp_path):
    told = found(tmp_path, None)
    assert told == (
        "workflow/convergence.json: there is no evidence for the family pairs (pairs). "
        "Run make convergence FAMILY=pairs."
    )


def test_a_recipe_that_was_not_tried_is_told(tmp_path, compared):
    config = from_mapping(small(training={"steps": 150, "batch": 128}))
    assert "experiments.pairs.training is adamw 0.001 constant, 128 × 150, of which" in found(
        tmp_path, compared, config
    )


def test_a_recipe_that_is_not_sufficient_is_told_with_the_number(tmp_path, compared):
    told = found(tmp_path, compared)
    assert "experiments.pairs.training is adamw 0.001 constant, 128 × 100, which is not" in told
    assert "less than the best recipe tried" in told
    assert "add others to families.pairs.recipes" in told


def test_a_sufficient_recipe_is_not_told_of(tmp_path, compared):
    it, recipe = contest(tmp_path), recipe_key(CONFIG.cells()["pairs/relu_p0.1"].training)
    same = next(iter(compared.trials.values())).cells
    trials = {key: t.model_copy(update={"cells": same}) for key, t in compared.trials.items()}
    assert recipe in it.recipes
    assert found(tmp_path, compared.model_copy(update={"trials": trials})) == ""


def test_evidence_for_another_problem_or_from_other_cells_is_told(tmp_path, compared):
    wider = from_mapping(small(training={"steps": 100, "batch": 128}, n_hidden=3))
    assert "is for other settings of experiments.pairs (n, m," in found(tmp_path, compared, wider)
    larger = pairs(samples=4096)
    assert "was made with other cells, runs, samples" in found(tmp_path, compared, content=larger)


def test_every_experiment_of_the_configuration_has_a_family_or_a_reason():
    config, known = load_config(ROOT / "config.yaml"), families.load(ROOT / "workflow/recipes.yaml")
    told = problems(config, known, Evidence(), FILE)
    assert [line for line in told if "there is no evidence for the family" not in line] == []
    assert len(told) == len(known.families)


def test_the_committed_evidence_can_be_read():
    read(ROOT / EVIDENCE)


# What judging makes of it.


def judged(evidence: Evidence | None):
    (verdict,) = claims.judge(trained(INTRO), [the("C3")], evidence=evidence)
    return verdict


# Hand-made, so that they save less than what is at its best; as if they saved all.
INTRO = {name: replace(its, loss=0.0 * its.loss) for name, its in ideal.intro().items()}
OWN = next(iter(INTRO.values())).cell


def evidence_for(*trials: Trial) -> Evidence:
    return Evidence(families={"small": family(*trials, problems={"intro": (problem_of(OWN),)})})


def own(**changes) -> RecipeSettings:
    return RecipeSettings(**(OWN.training.model_dump(exclude={"snapshots"}) | changes))


def test_a_recipe_that_saves_less_than_others_is_not_judged():
    steps = OWN.training.steps
    evidence = evidence_for(trial(own(), *[0.53] * 3), trial(own(steps=2 * steps), *[0.5] * 3))
    verdict = judged(evidence)
    assert verdict.outcome == Outcome.NOT_TESTED
    assert "undertrained" in verdict.reason
    assert "saves 6 % less" in verdict.reason


def test_a_network_that_saves_less_than_a_structure_is_not_judged():
    twice = own(steps=2 * OWN.training.steps)
    evidence = evidence_for(trial(own(), *[0.5] * 3), trial(twice, *[0.5] * 3))
    (at,) = (cell for cell in trained(INTRO) if cell.density == 0.1)
    best = min(comparison([at])["on_sample"])
    saves_all, saves_part = (
        best,
        best + 0.06 * (sampled_loss_of_mean(at.cell, evaluation_sample_of(at.cell)) - best),
    )
    for loss, told in ((saves_all, ""), (saves_part, "94 % of what the digon saves")):
        changed = replace(at.weights, loss=np.full(len(at), loss))
        (verdict,) = claims.judge(
            trained(INTRO | {at.name: changed}), [the("C3")], evidence=evidence
        )
        assert told in verdict.reason
        assert (verdict.outcome == Outcome.NOT_TESTED) == bool(told)


def test_a_recipe_whose_loss_suffices_is_judged_though_it_would_not_be_chosen():
    twice = own(steps=2 * OWN.training.steps)
    evidence = evidence_for(trial(own(), *[0.5] * 3), trial(twice, *[0.5] * 3, D=[0.9] * 3))
    assert "D* from 0.52 to 0.9" in evidence.families["small"].shortcoming(recipe_key(own()))
    assert judged(evidence).outcome == Outcome.REPLICATES


def test_an_unknown_recipe_is_judged_if_it_is_as_long_as_the_cheapest_sufficient_one():
    def known(steps: int) -> Evidence:
        tried = (own(steps=k * steps, learning_rate=0.002) for k in (1, 2))
        return evidence_for(*(trial(recipe, *[0.5] * 3) for recipe in tried))

    longer = judged(known(OWN.training.steps + 1))
    assert longer.outcome == Outcome.NOT_TESTED
    samples = OWN.training.steps * OWN.training.batch
    assert f"too little training: intro sees {samples:,} samples" in longer.reason
    assert judged(known(OWN.training.steps)).outcome == Outcome.REPLICATES


def test_sufficient_recipes_and_experiments_without_evidence_are_judged_as_they_were():
    twice = own(steps=2 * OWN.training.steps)
    fine = evidence_for(trial(own(), *[0.5] * 3), trial(twice, *[0.5] * 3))
    other = FamilyEvidence(**fine.families["small"].model_dump() | {"problems": {"intro": ("x",)}})
    for evidence in (None, Evidence(), fine, Evidence(families={"small": other})):
        assert judged(evidence) == judged(None)
    assert judged(None).outcome == Outcome.REPLICATES


# The workflow.


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    project = Project.new(tmp_path_factory.mktemp("convergence"))
    (project.folder / "workflow/recipes.yaml").write_text(
        yaml.safe_dump(
            {
                "families": {
                    "two": {
                        "experiments": ["phase_two"],
                        "compared": [{"experiment": "phase_two", "densities": [0.3]}],
                        "samples": 2048,
                    },
                    "three": {
                        "experiments": ["absolute_small"],
                        "compared": [{"experiment": "absolute_small", "densities": [1.0]}],
                        "quantities": ["computed"],
                        "samples": 2048,
                    },
                }
            }
        )
    )
    return project


@pytest.mark.slow
def test_only_what_is_asked_for_is_compared_and_nothing_twice(project):
    assert [job for job in project.planned() if job.startswith(("try", "compare the"))] == []
    jobs = project.build("convergence", FAMILY="two")
    tried = [job for job in jobs if job.startswith("try two adam-0.003-cosine-512-")]
    assert len(tried) == 3
    assert {job for job in jobs if not job.startswith("try")} == {
        "compare the recipes of two",
        "keep the evidence",
    }
    # For the configuration of the build, which is not config.yaml alone.
    assert (project.folder / "docs/convergence.md").is_file()
    assert read(project.folder / FILE).families.keys() == {"two"}
    again = project.succeeded("--cores", "1", "convergence", FAMILY="two")
    assert jobs_in(again) == ["keep the evidence"]
    for file in (FILE, "docs/convergence.md"):
        assert f"{file} is up to date." in again
    told = project.failed("convergence", FAMILY="too")
    assert "workflow/recipes.yaml: there is no family 'too'; expected one of three, two." in told


def test_a_longer_list_of_recipes_leaves_trained_ones_as_they_are(tmp_path):
    mapping = small(training={"steps": 100, "batch": 128})
    longer = pairs(recipes=[{"learning_rate": 0.01}, {"learning_rate": 0.02}])

    def digests(content) -> dict[str, str]:
        trials = Trials(from_mapping(mapping))
        trials.families = families.load(written(tmp_path, content))
        files = trials.weights("pairs").values()
        wanted = (SimpleNamespace(family="pairs", recipe=Path(file).stem) for file in files)
        return {one.recipe: trials.settings_of_trial(one) for one in wanted}

    before, after = digests(PAIRS), digests(longer)
    assert len(after) == len(before) + 1
    assert before.items() <= after.items()
    other_runs = digests(pairs(runs=4))
    assert other_runs.keys() == before.keys()
    assert not other_runs.items() & before.items()
