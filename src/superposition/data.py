"""Evaluation samples, and any batch that any run has seen.

Training draws endless fresh batches; runs are compared on a fixed sample of the same distribution.
Most samples of very sparse features are empty (x = 0): they are counted, not stored.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as serialize

from superposition.drawing import draw_active_samples, draw_samples
from superposition.errors import UserError
from superposition.features import empty_probability, tabulate
from superposition.files import write_bytes
from superposition.philox import key_of
from superposition.settings import Cell, FeatureSettings, canonical_json

if TYPE_CHECKING:
    from pandas import DataFrame

_KEY = "superposition"
_FORMAT = "superposition evaluation sample 1"


class SampleError(UserError):
    """An evaluation sample is missing, damaged or foreign."""


@dataclass(frozen=True)
class EvaluationSample:
    """A fixed sample of x."""

    features: FeatureSettings
    """The distribution it was drawn from."""
    seed: int
    """Seed of the experiment."""
    samples: int
    """Number of samples, the empty ones included."""
    x: NDArray[np.float32]
    """The samples that are not empty, `[k, n]`, in the order in which they were drawn."""

    @property
    def empty(self) -> int:
        """Number of samples without any active feature."""
        return self.samples - len(self.x)

    def save(self, path: Path | str) -> None:
        """Write the sample as safetensors, whole or not at all.

        Non-zero values are listed sample by sample: `active` says how many belong to each sample
        that is not empty, `feature` and `value` list them.
        """
        header = {
            "format": _FORMAT,
            "features": self.features,
            "seed": self.seed,
            "samples": self.samples,
        }
        sample, feature = np.nonzero(self.x)
        tensors = {
            "active": np.bincount(sample, minlength=len(self.x)).astype(np.uint32),
            "feature": feature.astype(np.uint32),
            "value": self.x[sample, feature],
        }
        write_bytes(path, serialize(tensors, metadata={_KEY: canonical_json(header)}))


def generate(features: FeatureSettings, seed: int, samples: int) -> EvaluationSample:
    """Draw the evaluation sample of a distribution; all models at one density share it."""
    identity = canonical_json({"features": features, "seed": seed, "use": "evaluation"})
    x = draw_active_samples(tabulate(features), key_of(identity), 0, samples)
    return EvaluationSample(features, seed, samples, x)


def batch(cell: Cell, run: int, step: int) -> NDArray[np.float32]:
    """Return the batch that a run sees at a step (from 0), `[batch, n]`."""
    key = key_of(cell.run_identity(run))
    return draw_samples(tabulate(cell.features), key, step, cell.training.batch)


def load_sample(path: Path | str) -> EvaluationSample:
    """Read an evaluation sample.

    Raises:
        SampleError: If the file is missing, damaged, or not one of ours.
    """
    path = Path(path)
    if not path.is_file():
        raise SampleError(f"{path}: no such evaluation sample. Draw it first: run make.")
    try:
        with safe_open(path, framework="numpy") as file:
            header = json.loads((file.metadata() or {})[_KEY])
            active, feature, value = (file.get_tensor(k) for k in ("active", "feature", "value"))
        if header["format"] != _FORMAT:
            raise KeyError(header["format"])
        features = FeatureSettings.model_validate(header["features"])
        x = np.zeros((len(active), features.n_features), dtype=np.float32)
        x[np.repeat(np.arange(len(active)), active), feature] = value
    except (SafetensorError, OSError, LookupError, ValueError, ValidationError) as error:
        raise SampleError(
            f"{path}: damaged, or not an evaluation sample of this package ({error}). "
            "Delete it and run make: only this file is made again."
        ) from error
    return EvaluationSample(features, int(header["seed"]), int(header["samples"]), x)


def statistics(sample: EvaluationSample) -> "DataFrame":
    """Return what the settings promise beside what was drawn, a row per feature and statistic.

    Rows have `feature` (empty for the whole sample), `statistic` (the share of samples in which a
    feature is active, the mean of its values there, or the share of empty samples), `promised`,
    `found` and the `standard_error` of the latter.
    """
    import pandas as pd

    features, total = sample.features, sample.samples
    signed = features.value_range == "signed"
    mean, variance = (0.0, 1.0 / 3.0) if signed else (0.5, 1.0 / 12.0)
    anticorrelated = {i: len(group) for group in features.anticorrelated for i in group}
    rows = [_share("", "empty", empty_probability(features), sample.empty, total)]
    for i, probability in enumerate(features.feature_probability):
        values = sample.x[:, i].astype(np.float64)
        active = int(np.count_nonzero(values))
        rows.append(_share(i, "active", probability / anticorrelated.get(i, 1), active, total))
        rows.append(
            {
                "feature": i,
                "statistic": "mean of active",
                "promised": mean,
                "found": float(values.sum()) / active if active else None,
                "standard_error": (variance / active) ** 0.5 if active else None,
            }
        )
    return pd.DataFrame(rows)


def _share(
    feature: int | str, statistic: str, promised: float, count: int, total: int
) -> dict[str, Any]:
    """Return a row about a share of the samples."""
    return {
        "feature": feature,
        "statistic": statistic,
        "promised": promised,
        "found": count / total,
        "standard_error": (promised * (1.0 - promised) / total) ** 0.5,
    }
