"""What the page to read, and Snakemake's own report, are told of a plan."""

import re
from pathlib import Path
from typing import Any

from superposition.plotting import FIGURES
from superposition.settings import canonical_json
from superposition.workflow import Plan, Wildcards


class Telling:
    """What reports tell of a plan; methods that take wildcards serve rules."""

    def __init__(self, plan: Plan) -> None:
        """Number the sections, once."""
        self._plan = plan
        sections = dict.fromkeys(figure.section for figure in FIGURES.values())
        self._sections = {name: f"{k:02}. {name}" for k, name in enumerate(sections, 1)}

    def section(self, wildcards: Wildcards) -> str:
        """Return a figure's category in Snakemake's report, which sorts them: the section."""
        return self._sections[FIGURES[wildcards.figure].section]

    def labels(self, wildcards: Wildcards) -> dict[str, str]:
        """Return what Snakemake's report lists a figure by."""
        figure = FIGURES[wildcards.figure]
        number = self._plan.figures.index(wildcards.figure) + 1
        return {"figure": f"{number:02}. {figure.title}", "claims": " ".join(figure.claims)}

    def captions(self) -> dict[str, dict[str, str]]:
        """Return what Snakemake's report says under each figure, as text of reStructuredText."""
        return {
            name: {
                "title": _rst(FIGURES[name].title),
                "caption": _rst(FIGURES[name].caption),
                "claims": ", ".join(FIGURES[name].claims) or "none",
                "experiments": _rst(", ".join(FIGURES[name].experiments) or "none"),
            }
            for name in self._plan.figures
        }

    def settings(self) -> str:
        """Return what the report tells of what was built and how."""
        durations = self._plan.durations()
        return canonical_json(
            {
                "figures": [
                    {"name": name, "duration": durations[name]} for name in self._plan.figures
                ],
                "experiments": [self._told(name) for name in self._plan.config.chosen()],
            }
        )

    def _told(self, name: str) -> dict[str, Any]:
        """Return an experiment as it is written, but with what it takes from the general keys."""
        experiment = self._plan.config.experiments[name]
        cells = {
            place: cell for place, cell in self._plan.cells.items() if place.experiment == name
        }
        place, first = next(iter(cells.items()))
        own = experiment.model_dump(
            mode="json", exclude_unset=True, exclude={"description", "training", "runs_per_job"}
        )
        general = self._plan.config.evaluation_samples
        return {
            "name": name,
            "description": experiment.description,
            "densities": list(dict.fromkeys(place.density for place in cells)),
            "jobs": [Path(file).stem for file in self._plan.chunks(place)],
            "settings": {
                **own,
                "runs": first.runs,
                "evaluation_samples": own.get("evaluation_samples", general),
                "seed": first.seed,
            },
            "training": first.training.model_dump(mode="json"),
        }


def _rst(text: str) -> str:
    """Return text of which reStructuredText takes nothing for markup: `W_i`, `|b|`, `*`."""
    return re.sub(r"([\\*`|_])", r"\\\1", text)
