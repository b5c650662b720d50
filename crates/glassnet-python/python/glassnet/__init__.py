"""See-through neural networks.

``train`` makes a ``Model`` from a table (files, a DataFrame, a dictionary of columns, an array); ``Training`` is the same, an epoch
at a time; ``Network`` is a small network in double precision whose every number can be read while it learns; ``MLPClassifier`` and
``MLPRegressor`` are scikit-learn estimators (``pip install glassnet[sklearn]``). All of them run the same core as the command
``glassnet``, and read and write the same model files.

>>> import glassnet
>>> rows = {"a": [0, 0, 1, 1], "b": [0, 1, 0, 1], "xor": ["no", "yes", "yes", "no"]}
>>> model = glassnet.train(rows, "xor", recipe="plain", hidden_layer_sizes=[2], validation_fraction=0, dropout=0)
>>> [str(label) for label in model.predict(rows)]
['no', 'yes', 'yes', 'no']
"""

from . import _glassnet
from ._data import DataWarning, read_table, schema
from ._model import Figure, Model, TrainingWarning, load
from ._network import Network
from ._training import Training, train

__version__ = _glassnet.version

__all__ = [
    "DataWarning",
    "Figure",
    "MLPClassifier",
    "MLPRegressor",
    "Model",
    "Network",
    "Training",
    "TrainingWarning",
    "load",
    "read_table",
    "schema",
    "train",
]


def __getattr__(name):
    # Importing scikit-learn takes a second, and who trains a table needs none of it.
    if name in ("MLPClassifier", "MLPRegressor"):
        from . import sklearn

        return getattr(sklearn, name)
    raise AttributeError(f"module 'glassnet' has no attribute {name!r}")


def __dir__():
    return sorted(__all__ + ["__version__"])
