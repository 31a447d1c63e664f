"""Whether the recipes of a configuration have the evidence that they need."""

from collections.abc import Iterator
from pathlib import Path

from superposition.base.errors import UserError
from superposition.config.schema import Config
from superposition.config.settings import RecipeSettings
from superposition.convergence.evidence import Evidence, recipe_key, words
from superposition.convergence.families import RECIPES, Contest, Families, contest


def problems(config: Config, families: Families, evidence: Evidence, file: Path) -> list[str]:
    """What is wrong, a sentence for each problem, with file and key, and what to do.

    Args:
        config: The configuration.
        families: What `recipes.yaml` says.
        evidence: What was found.
        file: Where it is from, for messages.
    """
    served = {name for family in families.families.values() for name in family.experiments}
    found = [
        f"config.yaml: experiments.{name} has a recipe for which nothing speaks: name it in a "
        f"family of {RECIPES}, or in its exempt with the reason."
        for name, experiment in config.experiments.items()
        if name not in served and name not in families.exempt and not experiment.explains
    ]
    found += [
        f"{RECIPES}: exempt.{name} is not in config.yaml. Remove it, or mend the name."
        for name in families.exempt
        if name not in config.experiments
    ]
    for name in families.families:
        try:
            found += _of_family(name, contest(families, name, config), evidence, file)
        except UserError as error:
            found.append(str(error))
    return found


def _of_family(name: str, it: Contest, evidence: Evidence, file: Path) -> Iterator[str]:
    run = f"Run make convergence FAMILY={name}."
    known = evidence.families.get(name)
    if known is None:
        experiments = ", ".join(it.family.experiments)
        yield f"{file}: there is no evidence for the family {name} ({experiments}). {run}"
        return
    if known.settings != it.settings:
        yield (
            f"{file}: families.{name} was made with other cells, runs, samples or quantities than "
            f"{RECIPES} has. {run}"
        )
    for experiment, cells in it.configured.items():
        if known.problems.get(experiment) != it.problems[experiment]:
            yield (
                f"{file}: families.{name} is for other settings of experiments.{experiment} (n, m, "
                f"importance, model or kind of features) than config.yaml has. {run}"
            )
        recipes: dict[str, RecipeSettings] = {recipe_key(c.training): c.training for c in cells}
        for key, recipe in recipes.items():
            trains = f"config.yaml: experiments.{experiment}.training is {words(recipe)}"
            if key not in known.trials:
                yield f"{trains}, of which {file} has nothing. {run}"
            elif shortcoming := known.shortcoming(key):
                chosen = known.chosen()
                cure = (
                    f"Take {words(known.trials[chosen].recipe)}."
                    if chosen
                    else f"No recipe tried is sufficient: add others to families.{name}.recipes of "
                    f"{RECIPES}. {run}"
                )
                yield f"{trains}, which is not sufficient: {shortcoming}. {cure}"
