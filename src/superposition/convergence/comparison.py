"""Recipes compared: the runs of each on one large fresh sample, and what must not move."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from superposition.base.canonical import canonical_json
from superposition.base.errors import UserError
from superposition.config.models import MODELS
from superposition.config.settings import Cell
from superposition.convergence.evidence import (
    CellEvidence,
    FamilyEvidence,
    Measured,
    Trial,
)
from superposition.convergence.families import Contest
from superposition.convergence.quantities import QUANTITIES
from superposition.measure.network import TrainedCell
from superposition.measure.structures.comparison import sampled_loss_of_mean
from superposition.model.weights import Weights, load
from superposition.sampling.distribution import moments, tabulate
from superposition.sampling.philox import key_of
from superposition.sampling.sample import EvaluationSample, draw_active_samples
from superposition.training.evaluate import losses


def compare(contest: Contest, files: Mapping[str, Path]) -> FamilyEvidence:
    """What the trained recipes of a family reach.

    Args:
        contest: What was to be trained.
        files: The weights that each recipe has trained, by `recipe_key`.

    Raises:
        UserError: If a file is missing, or was trained with other settings.
    """
    trained = {key: load(files[key]) for key in contest.recipes}
    planned = {key: contest.cells(recipe) for key, recipe in contest.recipes.items()}
    reached: dict[str, dict[str, CellEvidence]] = {key: {} for key in trained}
    # The cells are the same but for their recipes; one by one, so that each sample is drawn once.
    cells = next(iter(planned.values()))
    of_mean = {}
    for name, cell in cells.items():
        sample = fresh_sample(cell)
        of_mean[name] = loss_of_mean(cell, sample)
        for key, weights in trained.items():
            found = weights.get(name)
            if found is None or found.cell.trained_with() != planned[key][name].trained_with():
                raise UserError(
                    f"{files[key]}: {name} was trained with other settings than those of its "
                    "recipe. Delete the file and run make convergence."
                )
            reached[key][name] = _reached(name, found, sample, contest.family.quantities)
    return FamilyEvidence(
        settings=contest.settings,
        problems=contest.problems,
        runs=contest.family.runs,
        of_mean=of_mean,
        trials={
            key: Trial(recipe=recipe, cells=reached[key]) for key, recipe in contest.recipes.items()
        },
    )


def fresh_sample(cell: Cell) -> EvaluationSample:
    """A sample of a cell's features that neither training nor the ranking of runs has seen."""
    features, samples = cell.features, cell.evaluation_samples
    identity = canonical_json({"features": features, "seed": cell.seed, "use": "convergence"})
    x = draw_active_samples(tabulate(features), key_of(identity), 0, samples)
    return EvaluationSample(features, samples, x)


def loss_of_mean(cell: Cell, sample: EvaluationSample) -> float:
    """The loss of answering every feature with the mean of its target: Σ_i I_i Var(t_i) / n.

    It is that on a sample where targets have no simple moments.
    """
    features = cell.features
    if features.normalised or not isinstance(features.value_range, str):
        return sampled_loss_of_mean(cell, sample)
    if MODELS[cell.model.model].target == "absolute":
        # The absolute value of a number that is uniform on [−1, 1] is uniform on [0, 1].
        features = features.model_copy(update={"value_range": "unit"})
    _, covariance = moments(features)
    return float(np.mean(np.asarray(cell.model.importance) * np.diag(covariance)))


def _reached(
    name: str, weights: Weights, sample: EvaluationSample, quantities: Iterable[str]
) -> CellEvidence:
    compared = replace(weights, loss=losses(weights, sample))
    networks = TrainedCell(name, compared).networks
    return CellEvidence(
        loss=_numbers(network.loss for network in networks),
        quantities={
            quantity: _numbers(
                QUANTITIES[quantity](network) if np.isfinite(network.W).all() else math.nan
                for network in networks
            )
            for quantity in quantities
        },
    )


def _numbers(values: Iterable[float]) -> Measured:
    """Numbers of runs to seven digits, as float32 has them."""
    return tuple(float(f"{one:.7g}") if math.isfinite(one) else None for one in values)
