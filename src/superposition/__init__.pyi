"""A replication of Toy Models of Superposition (Elhage et al. 2022), exact to the byte."""

from superposition.api import Trained as Trained
from superposition.api import constructed as constructed
from superposition.api import dictionaries as dictionaries
from superposition.api import experiment as experiment
from superposition.api import judge as judge
from superposition.api import read_config as read_config
from superposition.api import read_weights as read_weights
from superposition.api import train as train
from superposition.config.messages import ConfigError as ConfigError
from superposition.measure.metrics import cosines as cosines
from superposition.measure.metrics import dimensions_per_feature as dimensions_per_feature
from superposition.measure.metrics import feature_dimensionality as feature_dimensionality
from superposition.measure.metrics import gram as gram
from superposition.measure.metrics import interference as interference
from superposition.measure.metrics import norms as norms

__version__: str
