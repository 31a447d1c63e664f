"""Recipes as `config.yaml` has them: the keys of `training`, in general and of an experiment."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, Tag, create_model
from pydantic.fields import FieldInfo

from superposition.config.settings import RecipeSettings
from superposition.config.values import Section, Steps, forms

_BLOCK = 64
"""Samples that are drawn together (`kernels.contracts.philox.BLOCK`)."""


class Recipe(Section, RecipeSettings):
    """The optimiser's recipe."""

    snapshots: Steps = ()
    """Steps after which the weights are kept as well (0 is the start): a list; or
    {first: a, last: b, points: k} in equal ratios, dense early."""


def _swept(field: FieldInfo) -> Any:
    """A field of the recipe whose value may be a list, which sweeps it."""
    annotated: Any = Annotated
    one: Any = annotated[(field.annotation, Field(), *field.metadata)]
    many = Annotated[tuple[one, ...], Tag("<list>"), Field(min_length=1)]
    either = Annotated[Annotated[one, Tag("<one>")] | many, forms("one value, or a list")]
    return either, Field(default=field.default, description=field.description)


if TYPE_CHECKING:
    RecipeSweep = Recipe  # with a tuple in place of a value that is swept
else:
    RecipeSweep = create_model(
        "RecipeSweep",
        __base__=Section,
        **{name: _swept(field) for name, field in RecipeSettings.model_fields.items()},
        snapshots=(
            Steps,
            Field(default=(), description=Recipe.model_fields["snapshots"].description),
        ),
    )
"""The keys of the recipe that an experiment gives itself; of all but `snapshots`, a list of values
makes a cell for each."""


def contradictions(recipe: RecipeSettings, normalised: bool) -> Iterator[tuple[str, str]]:
    """Keys of a recipe that do not go with others, and what is wrong."""
    batch, examples = recipe.batch, recipe.examples
    if recipe.warm_up > recipe.steps:
        yield "warm_up", f"is {recipe.warm_up}; expected at most {recipe.steps}, the steps"
    if recipe.weight_decay < 0 and recipe.optimizer != "adamw":
        yield (
            "weight_decay",
            f"is {recipe.weight_decay:g} with {recipe.optimizer}; expected 0 or more, or adamw, "
            "with which a negative one draws vectors of features to unit length",
        )
    if examples > batch and (examples % _BLOCK or batch % _BLOCK):
        yield (
            "examples",
            f"is {examples} with batches of {batch}; expected at most {batch}, or multiples of "
            f"{_BLOCK} for both: a data set is read in blocks of {_BLOCK} samples",
        )
    if recipe.attack and (examples or normalised):
        what = "examples" if examples else "normalised"
        yield "attack", f"is {recipe.attack:g} with {what}; expected one or the other"
    if recipe.initial_batch > batch:
        yield (
            "initial_batch",
            f"is {recipe.initial_batch}; expected at most {batch}, the batch that it grows to",
        )
    if recipe.initial_batch and batch % _BLOCK:
        yield (
            "initial_batch",
            f"is {recipe.initial_batch} with batches of {batch}; expected a multiple of {_BLOCK} "
            "for the latter: batches grow in blocks",
        )
    if recipe.initial_batch and examples:
        yield (
            "initial_batch",
            f"is {recipe.initial_batch} with examples; expected one or the other: a data set is "
            "read in batches of one size",
        )
    if recipe.initial_density and examples:
        yield (
            "initial_density",
            f"is {recipe.initial_density:g} with examples; expected one or the other: a data set "
            "has one density",
        )
