"""What jobs take: threads and time, by estimates on which no byte of a result hangs."""

from math import ceil, log

from superposition.config.models import MODELS
from superposition.config.settings import Cell, DictionarySettings
from superposition.sampling.schedule import samples_seen


def seconds_a_run(cell: Cell) -> float:
    """Seconds of one run, as measured in builds; only estimates of times hang on it."""
    n, m, training = cell.features.n_features, cell.model.n_hidden, cell.training
    # Samples under attack are dense.
    density = 1.0 if training.attack else sum(cell.features.feature_probability) / n
    if training.initial_density > density:
        # The mean of a density that falls in equal ratios.
        falling = (training.initial_density - density) / log(training.initial_density / density)
        density += training.density_fall * (falling - density)
    # Empty samples cost next to nothing; of others all outputs are computed, of few active inputs.
    not_empty = 1.0 - (1.0 - density) ** n
    sample = 7e-10 + n * (5e-10 + 4.8e-11 * m) * min(1.0, 0.05 + 0.4 * not_empty + 22 * density)
    if not MODELS[cell.model.model].tied:
        sample *= 1.7
    return samples_seen(training) * sample


def seconds_of_dictionaries(cell: Cell, dictionaries: DictionarySettings) -> float:
    """Seconds of all autoencoders on the runs of a cell; an estimate as above."""
    ways = dictionaries.penalties + dictionaries.most_active + dictionaries.prices
    latents = sum(dictionaries.sizes) * len(ways)
    samples = cell.runs * dictionaries.steps * dictionaries.batch
    return samples * latents * 8e-11 * cell.model.n_hidden


def threads(cores: int | None, runs: int) -> int:
    """How many threads a training job gets: two jobs at a time keep all cores busy.

    On a cluster, where jobs are many, it is one, unless Snakemake's --set-threads says more.
    """
    return min(max(1, (cores or 2) // 2), runs)


def minutes(seconds: float, attempt: int) -> int:
    """How many minutes a cluster has to allow a job that takes about so long; more to a second try.

    Ten times the estimate for slow processors, and three minutes to start and to compile.
    """
    return attempt * (3 + ceil(10 * seconds / 60))
