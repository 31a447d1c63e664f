"""Phase diagrams built by hand: theory's solutions, with its boundary moved by a factor."""

import numpy as np

from superposition.parameters import Parameters
from superposition.settings import Cell, FeatureSettings, ModelSettings, TrainingSettings
from superposition.theory import phase
from superposition.weights import Weights

RELATIVE = tuple(np.geomspace(0.1, 10, 9).tolist())


def diagram(n_hidden=1, shift=1.0, rows=34, last=0.1, runs=3, relative=RELATIVE, missed=None):
    """Return rows of a diagram, keyed by cell; the middle run of each point is the best.

    Args:
        n_hidden: m; there are m + 1 features.
        shift: Factor by which the boundary lies above theory's.
        rows: Number of densities, from 1 downwards.
        last: Lowest density.
        runs: Runs of each point.
        relative: Relative importances.
        missed: Of run, relative importance and density: whether the run misses the pair.
    """
    solutions = phase.solutions(n_hidden)
    experiment = {1: "phase_two", 2: "phase_three"}[n_hidden]
    r = np.array(relative)
    cells = {}
    for density in np.geomspace(1.0, last, rows).tolist():
        # As in theory at a density that is less by the factor.
        best = phase.best(n_hidden, r, np.full(r.shape, density / shift))
        alone = (r >= 1).astype(int)
        found = np.repeat(best, runs)
        for place in range(found.size if missed else 0):
            column, run = divmod(place, runs)
            if run != runs // 2 and missed(run, relative[column], density):
                found[place] = alone[column]
        W = np.stack([solution.W for solution in solutions])
        b = np.stack([solution.bias(density) for solution in solutions])
        cells[f"{experiment}/relu_p{density:.4g}"] = Weights(
            cell=row(n_hidden, density, runs, tuple(relative)),
            runs=tuple(range(runs)),
            final=Parameters(W[found].astype(np.float32), b[found].astype(np.float32)),
            loss=np.tile(np.abs(np.arange(runs) - runs // 2) + 1.0, r.size),
        )
    return cells


def row(n_hidden, density, runs, relative):
    n = n_hidden + 1
    return Cell(
        features=FeatureSettings(n_features=n, feature_probability=(density,) * n),
        model=ModelSettings(model="relu", n_hidden=n_hidden, importance=(1.0,) * n),
        training=TrainingSettings(),
        seed=0,
        runs=runs,
        evaluation_samples=16,
        relative_importance=relative,
    )
