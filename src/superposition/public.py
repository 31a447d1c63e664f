"""What `import superposition` offers, and where it is defined; `__init__.pyi` tells editors.

This module imports nothing, so that a job that only passes through the package stays quick.
"""

MODULES = {
    "ConfigError": "superposition.config",
    "Trained": "superposition.trained",
    "experiment": "superposition.interactive",
    "read_config": "superposition.interactive",
    "read_weights": "superposition.interactive",
    "train": "superposition.interactive",
    "cosines": "superposition.metrics",
    "dimensions_per_feature": "superposition.metrics",
    "feature_dimensionality": "superposition.metrics",
    "gram": "superposition.metrics",
    "interference": "superposition.metrics",
    "norms": "superposition.metrics",
}
