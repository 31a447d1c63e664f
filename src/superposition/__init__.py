"""A replication of Toy Models of Superposition (Elhage et al. 2022), exact to the byte.

In a notebook or a script:

    experiment, read_config     what to train: keywords, or a file
    train                       trains it, and returns a Trained
    read_weights                a Trained from files
    Trained                     cells by name, tables, figures, files
    dictionaries                sparse autoencoders on the hidden activations of what is trained
    judge                       claims of the paper, judged on it
    constructed                 solutions built by hand, at their best
    norms, gram, cosines, interference, feature_dimensionality, dimensions_per_feature
                                measures of W [..., m, n]
    ConfigError                 what is wrong with settings

Nothing is loaded before it is asked for; `__init__.pyi` tells editors what there is.
"""

from importlib import import_module

from superposition.base.version import VERSION as __version__  # noqa: F401

_MEASURES = ("cosines", "dimensions_per_feature", "feature_dimensionality", "gram", "interference")
_API = (
    *("Trained", "constructed", "dictionaries", "experiment", "judge"),
    *("read_config", "read_weights", "train"),
)
_OFFERED = {
    **dict.fromkeys(_API, "api"),
    **dict.fromkeys((*_MEASURES, "norms"), "measure.metrics"),
    "ConfigError": "config.messages",
}
__all__ = [*_OFFERED]  # what `help` tells of


def __getattr__(name: str) -> object:
    if name not in _OFFERED:
        raise AttributeError(f"module 'superposition' has no attribute {name!r}")
    return getattr(import_module(f"superposition.{_OFFERED[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_OFFERED])
