"""The evidence as a page to read, docs/convergence.md."""

from collections.abc import Iterator, Mapping

from superposition.convergence.evidence import (
    SUFFICIENT,
    Evidence,
    FamilyEvidence,
    mean,
    spread,
    words,
)

_HEAD = f"""# Recipes and what they reach

Which recipe an experiment is trained with is decided here, by loss and never by a verdict. Each
family of experiments shares a recipe. Recipes are compared at the densities that are hardest for
them, which [recipes.yaml](../workflow/recipes.yaml) lists, on one large sample that neither
training nor the ranking of runs has seen, as a mean over runs.

A recipe is *sufficient* if at every cell compared it saves at least {100 * SUFFICIENT:g} % of what
the best recipe tried saves, over answering with the mean of each feature, or falls short of that by
no more than two standard errors of the difference; and if no quantity moves by more than its spread
over runs, or by more than 1 % of itself, when the steps are doubled. As runs are few, that spread
is the largest range of recipes that differ in the steps alone. *Chosen* is the cheapest sufficient
one, that which sees the fewest samples. *Excess* is the share of what the best recipe saves that
one does not save. The loss is the plain one: penalties on activations and attacks in training are
no part of the comparison.

`make convergence` writes this page and `workflow/convergence.json`, and `make lint` holds
config.yaml to them ([reproducing.md](reproducing.md#recipes)). Core-seconds, those of one run, are
of the machine that wrote the page; everything else is the same everywhere. After each mean stands
the spread over runs.
"""


def page(evidence: Evidence, exempt: Mapping[str, str]) -> str:
    """The page, in Markdown.

    Args:
        evidence: What is shown.
        exempt: Experiments whose recipe is not chosen so, with the reasons.
    """
    parts = [_HEAD]
    for name, family in evidence.families.items():
        parts.append("\n".join(_family(name, family, evidence.core_seconds.get(name, {}))))
    if not evidence.families:
        parts.append("There is no evidence yet.\n")
    if exempt:
        reasons = [f"- `{name}`: {reason}" for name, reason in exempt.items()]
        parts.append("\n".join(["## Exempt", "", *reasons, ""]))
    return "\n".join(parts)


def _family(name: str, family: FamilyEvidence, seconds: Mapping[str, float]) -> Iterator[str]:
    experiments = ", ".join(f"`{one}`" for one in family.problems)
    yield f"## {name}\n"
    yield f"For {experiments}; {family.runs} runs of each recipe.\n"
    chosen = family.chosen()
    if chosen is None:
        yield "No recipe tried is sufficient.\n"
    else:
        yield f"Chosen: **{words(family.trials[chosen].recipe)}**.\n"
    yield "| recipe | million samples | core-seconds | excess, worst | |"
    yield "| --- | ---: | ---: | ---: | --- |"
    order = sorted(family.trials, key=lambda key: (family.trials[key].samples, family.worst(key)))
    for key in order:
        trial = family.trials[key]
        time = f"{seconds[key]:.3g}" if key in seconds else ""
        found = family.shortcoming(key)
        verdict = "chosen" if key == chosen else found or "sufficient"
        yield (
            f"| {words(trial.recipe)} | {trial.samples / 1e6:.3g} | {time} | "
            f"{_percent(family.worst(key)[0])} | {verdict} |"
        )
    for cell, of_mean in family.of_mean.items():
        yield from _cell(family, cell, of_mean, order)


def _cell(family: FamilyEvidence, cell: str, of_mean: float, order: list[str]) -> Iterator[str]:
    """The table of one cell."""
    names = list(family.trials[order[0]].cells[cell].quantities)
    yield f"\n{cell}, where answering with the mean has a loss of {of_mean:.5g}:\n"
    yield "| recipe | loss | ± | excess |" + "".join(f" {name} | ± |" for name in names)
    yield "| --- |" + " ---: |" * (3 + 2 * len(names))
    for key in order:
        here = family.trials[key].cells[cell]
        quantities = "".join(
            f" {mean(values):.4g} | {spread(values):.2g} |" for values in here.quantities.values()
        )
        yield (
            f"| {words(family.trials[key].recipe)} | {mean(here.loss):.6g} | "
            f"{spread(here.loss):.2g} | {_percent(family.excess(key, cell))} |{quantities}"
        )
    yield ""


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"
