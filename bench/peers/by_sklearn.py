"""scikit-learn: its own networks, trained with `fit`."""

from data import TRAININGS, rows
from sklearn.neural_network import MLPClassifier, MLPRegressor


def training(sizes, n_rows, batch_size, optimizer, rate):
    """One epoch; scikit-learn has no decoupled decay, so that AdamW is Adam."""
    x, t = rows(n_rows, sizes)
    kind = MLPRegressor if sizes[-1] == 1 else MLPClassifier
    network = kind(
        hidden_layer_sizes=tuple(sizes[1:-1]),
        solver="sgd" if optimizer == "sgd" else "adam",
        alpha=0,
        batch_size=batch_size,
        learning_rate_init=rate,
        max_iter=1,
        momentum=0,
    )
    return lambda: float(network.fit(x, t.ravel()).loss_)


WORKLOADS = {name: lambda training_=sizes: training(*training_) for name, sizes in TRAININGS.items()}
