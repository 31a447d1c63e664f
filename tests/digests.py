"""A program that trains a little of every row of cells, and prints digests of what it makes.

`python tests/digests.py`, or with a number for every so manieth of them.
"""

import hashlib
import sys
from itertools import islice

from cells import ROWS, train_cell

from superposition.sampling.sample import evaluation_sample
from superposition.training.evaluate import losses

if __name__ == "__main__":
    every = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    for name, settings in islice(ROWS.items(), 0, None, every):
        few = settings.training.model_copy(update={"steps": 40})
        settings = settings.model_copy(update={"training": few})
        weights = train_cell(settings, range(2))
        sample = evaluation_sample(settings.features, 3, 500)
        arrays = [*weights.final.arrays().values(), sample.x, losses(weights, sample)]
        print(name, hashlib.sha256(b"".join(a.tobytes() for a in arrays)).hexdigest(), sep=": ")
