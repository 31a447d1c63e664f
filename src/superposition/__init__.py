"""A replication of Toy Models of Superposition (Elhage et al. 2022), exact to the byte.

In a notebook or a script: `experiment` or `read_config` says what to train, `train` trains it and
returns what `Trained` describes. Nothing is loaded before it is asked for; `__init__.pyi` tells
editors what there is.
"""

from importlib import import_module

from superposition.base.version import VERSION as __version__  # noqa: F401

_MEASURES = ("cosines", "dimensions_per_feature", "feature_dimensionality", "gram", "interference")
_OFFERED = {
    **dict.fromkeys(
        ("Trained", "constructed", "experiment", "read_config", "read_weights", "train"), "api"
    ),
    **dict.fromkeys((*_MEASURES, "norms"), "measure.metrics"),
    "ConfigError": "config.messages",
}


def __getattr__(name: str) -> object:
    if name not in _OFFERED:
        raise AttributeError(f"module 'superposition' has no attribute {name!r}")
    return getattr(import_module(f"superposition.{_OFFERED[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_OFFERED])
