"""Figures plotted for tests: once as it should be, and again as SVG, the quickest of the formats.

What a module plots shows in the SVG; how its artists become a PDF or a PNG does not depend on the
module. So one figure of each kind is compared in all formats, and the others as SVG.
"""

import hashlib
import io
import json
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import ideal
import numpy as np
from judged import trained
from matplotlib.figure import Figure
from processes import python

from superposition import figures
from superposition.figures import style
from superposition.figures.files import Plotted
from superposition.model.weights import Weights


def noisy(experiment, n, m, densities, model="relu") -> dict[str, Weights]:
    """Random weights at a number of densities, or at those given."""
    random = np.random.default_rng(n)
    if isinstance(densities, int):
        densities = np.linspace(1, 0.1, densities).tolist()
    return {
        f"{experiment}/{model}_p{density:.4g}": ideal.weights(
            model, random.standard_normal((m, n)), random.standard_normal(n), density, 0.9
        )
        for density in densities
    }


def figure(name, cells: Mapping[str, Weights]) -> Figure:
    """A figure that was not saved."""
    return figures.plot(name, trained(cells))


def svg(plotted: Figure) -> str:
    """A figure as SVG text."""
    with style.applied(), io.StringIO() as text:
        plotted.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
        return text.getvalue()


def texts(plotted: Figure) -> str:
    """All that is written in a figure, a line each."""
    said = plotted.findobj(lambda artist: hasattr(artist, "get_text"))
    return "\n".join(text.get_text() for text in said)


def lacks(plotted: Figure, words: Iterable[str]) -> list[str]:
    """Those words that are not written in a figure."""
    said = texts(plotted)
    return [word for word in words if word not in said]


def files(name, cells: Mapping[str, Weights], folder: Path) -> dict[str, str]:
    """Plot a figure in all formats; the digests of its files by their names."""
    paths = Plotted(figure(name, cells), figures.spec(name).title).save(folder / name)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def elsewhere(module: str, folder: Path) -> dict[str, str]:
    """What a test module's `twice` returns in another process, which hashes differently."""
    script = "import json, sys; from pathlib import Path; from importlib import import_module; "
    script += "print(json.dumps(import_module(sys.argv[1]).twice(Path(sys.argv[2]))))"
    paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    variables = {"PYTHONHASHSEED": "1", "PYTHONPATH": paths}
    done = python("-c", script, module, folder, variables=variables)
    found: dict[str, str] = json.loads(done.stdout)
    return found
