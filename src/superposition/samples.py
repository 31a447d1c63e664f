"""Evaluation samples on disk.

Most samples of very sparse features are empty (x = 0): they are counted, not stored.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from superposition.array_files import Arrays, FileKind
from superposition.errors import UserError
from superposition.settings import FeatureSettings


class SampleError(UserError):
    """An evaluation sample is missing, damaged or foreign."""


_FILE = FileKind("evaluation sample", "superposition evaluation sample 1", "Draw it", SampleError)


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
        header = {"features": self.features, "seed": self.seed, "samples": self.samples}
        sample, feature = np.nonzero(self.x)
        arrays: Arrays = {
            "active": np.bincount(sample, minlength=len(self.x)).astype(np.uint32),
            "feature": feature.astype(np.uint32),
            "value": self.x[sample, feature],
        }
        _FILE.write(path, header, arrays)


def load_sample(path: Path | str) -> EvaluationSample:
    """Read an evaluation sample.

    Raises:
        SampleError: If the file is missing, damaged, or not one of ours.
    """

    def build(header: dict[str, Any], arrays: Arrays) -> EvaluationSample:
        features = FeatureSettings.model_validate(header["features"])
        active = arrays["active"]
        x = np.zeros((len(active), features.n_features), dtype=np.float32)
        x[np.repeat(np.arange(len(active)), active), arrays["feature"]] = arrays["value"]
        return EvaluationSample(features, int(header["seed"]), int(header["samples"]), x)

    return _FILE.read(path, build)
