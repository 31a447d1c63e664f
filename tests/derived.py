"""A program that measures, judges and plots networks made by hand, and prints digests of its files.

`python tests/derived.py WEIGHTS…` writes into the working folder. The weights are `networks`, made
once, where the processors are not compared.
"""

import hashlib
import sys
from pathlib import Path

from superposition import claims
from superposition.base.tables import write_table
from superposition.figures import plotting
from superposition.figures.files import Plotted
from superposition.measure import tables
from superposition.measure.files import read
from superposition.measure.structures.comparison import comparison
from superposition.model.weights import save

CLAIMS = ("C3", "C5", "C16", "C19b", "C21", "C47")
FIGURES = ("legend", "compression", "intro", "energy_levels")


def networks(folder: Path) -> list[Path]:
    """Files of networks on which these claims can be judged."""
    import ideal
    import ideal_dynamics
    import ideal_geometry

    cells = {**ideal.intro(), **ideal.demonstration(), **ideal_dynamics.energy_levels()}
    cells |= ideal_geometry.small()
    files = []
    for name in sorted({cell.partition("/")[0] for cell in cells}):
        its = {cell.partition("/")[2]: cells[cell] for cell in cells if cell.startswith(f"{name}/")}
        files.append(folder / f"{name}.safetensors")
        save(files[-1], its)
    return files


def write(files: list[Path], folder: Path) -> None:
    """Write what follows from weights."""
    cells = read(files)
    write_table(tables.runs_table(cells), folder / "runs.csv")
    write_table(tables.features_table(cells), folder / "features.csv")
    intro = [cell for cell in cells if cell.experiment == "intro"]
    write_table(comparison(intro), folder / "constructed.csv")
    chosen = [one for one in claims.CLAIMS if one.id in CLAIMS]
    claims.write_all(claims.judge(cells, chosen, resamples=10), folder)
    for name in FIGURES:
        its = plotting.plot(name, cells), "A title", plotting.table(name, cells)
        Plotted(*its).save(folder / name)


if __name__ == "__main__":
    write([Path(name) for name in sys.argv[1:]], Path())
    for file in sorted(Path().iterdir()):
        print(file.name, hashlib.sha256(file.read_bytes()).hexdigest())
