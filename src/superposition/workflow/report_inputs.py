"""What the report, and Snakemake's own report, are told of a plan."""

import re
from dataclasses import dataclass
from typing import Any

from superposition.config.settings import TrainingSettings
from superposition.figures import FIGURES
from superposition.workflow.plan import Plan, Wildcards, settings_digest

_SECTIONS = list(dict.fromkeys(spec.section for spec in FIGURES.values()))


@dataclass(frozen=True)
class ReportInputs:
    """What reports are told of a plan; methods that take wildcards serve rules."""

    plan: Plan

    @classmethod
    def settings_of(cls, plan: Plan, wildcards: object = None) -> str:
        """A digest of what decides the page beside figures and claims."""
        return settings_digest(cls(plan).settings())

    def section(self, wildcards: Wildcards) -> str:
        """A figure's category in Snakemake's report, which sorts them: the section."""
        name = FIGURES[wildcards.figure].section
        return f"{_SECTIONS.index(name) + 1:02}. {name}"

    def labels(self, wildcards: Wildcards) -> dict[str, str]:
        """What Snakemake's report lists a figure by."""
        spec = FIGURES[wildcards.figure]
        number = self.plan.figures.index(wildcards.figure) + 1
        return {"figure": f"{number:02}. {spec.title}", "claims": " ".join(spec.claims)}

    def captions(self) -> dict[str, dict[str, str]]:
        """What Snakemake's report says under each figure, as text of reStructuredText."""
        return {
            name: {
                "title": _rst(FIGURES[name].title),
                "caption": _rst(FIGURES[name].caption),
                "claims": ", ".join(FIGURES[name].claims) or "none",
                "experiments": _rst(", ".join(FIGURES[name].experiments) or "none"),
            }
            for name in self.plan.figures
        }

    def settings(self) -> dict[str, Any]:
        """What the page tells of what was built and how."""
        durations = self.plan.durations()
        return {
            "figures": [{"name": name, "duration": durations[name]} for name in self.plan.figures],
            "experiments": [self._experiment(name) for name in self.plan.experiments],
        }

    def _experiment(self, name: str) -> dict[str, Any]:
        """An experiment as it is written, but with what it takes from the general keys."""
        config, experiment = self.plan.config, self.plan.config.experiments[name]
        cells = list(self.plan.cells_of(name).values())
        own = experiment.model_dump(
            mode="json",
            exclude_unset=True,
            exclude={"description", "training", "runs_per_job", "follow_up"},
        )
        training = cells[0].training.model_dump(mode="json")
        # What is not used in the first cell is not written there.
        for key in TrainingSettings.model_fields:
            if key in cells[0].swept:
                training[key] = list(dict.fromkeys(cell.swept[key] for cell in cells))
        groups = [group for group in self.plan.groups if group.startswith(f"{name}/")]
        return {
            "name": name,
            "description": experiment.description,
            "runs": [file for group in groups for _, file in self.plan.jobs(group)],
            "settings": {
                **own,
                "runs": cells[0].runs,
                "evaluation_samples": own.get("evaluation_samples", config.evaluation_samples),
                "seed": cells[0].seed,
            },
            "training": training,
        }


def _rst(text: str) -> str:
    """Text of which reStructuredText takes nothing for markup: `W_i`, `|b|`, `*`."""
    return re.sub(r"([\\*`|_])", r"\\\1", text)
