"""Figures drawn for tests: once as it should be, and again as SVG, the quickest of the formats.

What a module draws shows in the SVG; how its artists become a PDF or a PNG does not depend on the
module. So one figure of each kind is compared in all formats, and the others as SVG.
"""

import hashlib
import io
import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from matplotlib.figure import Figure

from superposition.plotting import FIGURES, draw, style


def figure(name, cells) -> Figure:
    """Return a figure that was not saved."""
    shown = {key: w for key, w in cells.items() if key.split("/")[0] in FIGURES[name].experiments}
    return import_module(FIGURES[name].module).draw(shown)


def svg(drawn: Figure) -> str:
    """Return a figure as SVG text."""
    with style.applied(), io.StringIO() as text:
        drawn.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
        return text.getvalue()


def texts(drawn: Figure) -> str:
    """Return all that is written in a figure, a line each."""
    said = drawn.findobj(lambda artist: hasattr(artist, "get_text"))
    return "\n".join(text.get_text() for text in said)


def files(name, cells, folder) -> dict[str, str]:
    """Draw a figure in all formats; return the digests of its files by their names."""
    paths = draw(name, cells, folder)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def elsewhere(module: str, folder: Path) -> dict[str, str]:
    """Return what a test module's `twice` returns in another process, which hashes differently."""
    script = "import json, sys; from pathlib import Path; from importlib import import_module; "
    script += "print(json.dumps(import_module(sys.argv[1]).twice(Path(sys.argv[2]))))"
    environment = os.environ | {
        "PYTHONHASHSEED": "1",
        "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path]),
    }
    command = [sys.executable, "-c", script, module, str(folder)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found
