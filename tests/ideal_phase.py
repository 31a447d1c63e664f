"""Phase diagrams built by hand: theory's solutions, with its boundary moved by a factor."""

import ideal
import numpy as np

from superposition.measure.theory import phase

RELATIVE = tuple(np.geomspace(0.1, 10, 9).tolist())


def activations():
    """Diagrams with GELU, whose boundary is lower, and tanh, without superposition."""
    rest = {"rows": 12, "last": 0.01, "experiment": "phase_activations"}
    shifts = {"relu": 1.0, "gelu": 0.4, "tanh": 1e-9}
    cells = [diagram(shift=shift, model=model, **rest) for model, shift in shifts.items()]
    return cells[0] | cells[1] | cells[2]


def diagram(
    n_hidden=1,
    shift=1.0,
    rows=34,
    last=0.1,
    runs=3,
    relative=RELATIVE,
    missed=None,
    model="relu",
    experiment=None,
):
    """A diagram's cells by their names; the middle run of each is the best.

    Args:
        n_hidden: m; there are m + 1 features.
        shift: Factor by which the boundary lies above theory's.
        rows: Number of densities, from 1 downwards.
        last: Lowest density.
        runs: Runs of each cell.
        relative: Relative importances.
        missed: Of run, relative importance and density: whether the run misses the pair.
        model: Row of the model table.
        experiment: Name of the experiment, if not that of the ReLU model's diagram.
    """
    solutions = phase.solutions(n_hidden)
    experiment = experiment or {1: "phase_two", 2: "phase_three"}[n_hidden]
    cells = {}
    for density in np.geomspace(1.0, last, rows).tolist():
        W = np.stack([solution.W for solution in solutions]).astype(np.float32)
        b = np.stack([solution.bias(density) for solution in solutions]).astype(np.float32)
        for r in relative:
            # As in theory at a density that is less by the factor.
            best = int(phase.best(n_hidden, np.array(r), np.array(density / shift)))
            found = np.full(runs, best)
            for run in range(runs):
                if missed and run != runs // 2 and missed(run, r, density):
                    found[run] = int(r >= 1)
            name = f"{experiment}/{model}_p{density:.4g}+relative_importance{r:.4g}"
            importance, swept = (1.0,) * n_hidden + (r,), {"relative_importance": r}
            cells[name] = ideal.built(
                ideal.cell(model, n_hidden + 1, n_hidden, density, importance, runs, swept),
                W[found],
                b[found],
                np.abs(np.arange(runs) - runs // 2) + 1.0,
            )
    return cells
