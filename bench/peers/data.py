"""What the workloads train on, and the sizes of their networks; the same for every library."""

import numpy as np

DIGITS, DEEP, WIDE = (784, 128, 10), (20, 256, 256, 256, 1), (1024, 1024, 1024, 10)

# Of each training: sizes, rows, rows a step, optimizer, rate.
TRAININGS = {
    "W3": (DIGITS, 60_000, 64, "sgd", 0.1),
    "W3a": (DIGITS, 60_000, 64, "adam", 0.001),
    "W4": (DEEP, 100_000, 256, "adamw", 0.001),
    "W5": (WIDE, 8_192, 1_024, "sgd", 0.1),
}
BETA1, BETA2, EPSILON, DECAY = 0.9, 0.999, 1e-8, 0.01


def neuron():
    """Rows, targets and weights of the tutorial's neuron."""
    x = np.array([[0, 0, 1], [1, 1, 1], [1, 0, 1], [0, 1, 1]], float)
    t = np.array([[0, 1, 1, 0]], float).T
    return x, t, 2 * np.random.RandomState(1).random_sample((3, 1)) - 1


def two_layers():
    """Rows, targets and both layers' weights of the tutorial's 3-4-1."""
    x = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], float)
    t = np.array([[0, 1, 1, 0]], float).T
    random = np.random.RandomState(1)
    return x, t, random.normal(0, 0.5, (3, 4)), random.normal(0, 1, (4, 1))


def rows(n_rows, sizes):
    """Inputs; and their sum where there is one output, else the class whose input is greatest."""
    random = np.random.default_rng(0)
    x = random.random((n_rows, sizes[0]), np.float32) - np.float32(0.5)
    if sizes[-1] == 1:
        return x, x.sum(1, keepdims=True)
    return x, x[:, : sizes[-1]].argmax(1)


def network(sizes, type=np.float32):
    """Weights (n_inputs, n_outputs) and biases of each layer, as for relu."""
    random = np.random.default_rng(1)
    shapes = list(zip(sizes, sizes[1:]))
    weights = [(random.standard_normal(shape) * (2 / shape[0]) ** 0.5).astype(type) for shape in shapes]
    return weights, [np.zeros(n_outputs, type) for _, n_outputs in shapes]


def inputs(n_rows, n_columns, type=np.float32):
    return (np.random.default_rng(0).random((n_rows, n_columns), np.float32) - np.float32(0.5)).astype(type)
