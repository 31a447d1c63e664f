"""A replication of Toy Models of Superposition (Elhage et al. 2022), exact to the byte."""

from superposition.config import ConfigError as ConfigError
from superposition.interactive import experiment as experiment
from superposition.interactive import read_config as read_config
from superposition.interactive import read_weights as read_weights
from superposition.interactive import train as train
from superposition.metrics import cosines as cosines
from superposition.metrics import dimensions_per_feature as dimensions_per_feature
from superposition.metrics import feature_dimensionality as feature_dimensionality
from superposition.metrics import gram as gram
from superposition.metrics import interference as interference
from superposition.metrics import norms as norms
from superposition.trained import Trained as Trained

__version__: str
