"""A workload of `glassnet-bench` by another library: `python3 bench/peers.py PEER WORKLOAD` prints the same line of JSON.

PEER is numpy or sklearn. Data come from a fixed seed and are made before the clock starts; one thread is the caller's
choice, by OMP_NUM_THREADS and OPENBLAS_NUM_THREADS. A pair that does not exist prints nothing and exits with 3.
"""

import json
import sys
import time

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def numpy_w1():
    """One neuron, full batch, as the tutorial writes it."""
    x = np.array([[0, 0, 1], [1, 1, 1], [1, 0, 1], [0, 1, 1]], float)
    t = np.array([[0, 1, 1, 0]], float).T
    w = 2 * np.random.RandomState(1).random_sample((3, 1)) - 1

    def work():
        nonlocal w
        for _ in range(10_000):
            o = sigmoid(x @ w)
            w = w + x.T @ ((t - o) * o * (1 - o))
        return float(np.mean((sigmoid(x @ w) - t) ** 2))

    return work


def numpy_w2():
    """3-4-1, one row at a time, the loss after each epoch, as the tutorial writes it."""
    x = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], float)
    t = np.array([[0, 1, 1, 0]], float).T
    random = np.random.RandomState(1)
    a, b = random.normal(0, 0.5, (3, 4)), random.normal(0, 1, (4, 1))

    def work():
        nonlocal a, b
        loss = 0.0
        for _ in range(20_000):
            for row, target in zip(x, t):
                row = row[None]
                hidden = sigmoid(row @ a)
                output = sigmoid(hidden @ b)
                d_output = (target - output) * output * (1 - output)
                d_hidden = d_output @ b.T * hidden * (1 - hidden)
                b = b + 0.1 * hidden.T @ d_output
                a = a + 0.1 * row.T @ d_hidden
            loss = float(np.mean((sigmoid(sigmoid(x @ a) @ b) - t) ** 2))
        return loss

    return work


def rows(n_rows, sizes):
    random = np.random.default_rng(0)
    x = random.random((n_rows, sizes[0]), np.float32) - np.float32(0.5)
    if sizes[-1] == 1:
        return x, x.sum(1, keepdims=True)
    return x, x[:, : sizes[-1]].argmax(1)


def numpy_training(sizes, n_rows, batch_size, rate):
    """Relu layers, softmax, plain gradient descent, one epoch in a random order."""
    x, classes = rows(n_rows, sizes)
    random = np.random.default_rng(1)
    weights = [
        (random.standard_normal((i, o), np.float32) * np.float32((2 / i) ** 0.5)) for i, o in zip(sizes, sizes[1:])
    ]
    biases = [np.zeros(o, np.float32) for o in sizes[1:]]

    def work():
        total = 0.0
        order = random.permutation(n_rows)
        for start in range(0, n_rows, batch_size):
            chosen = order[start : start + batch_size]
            a = [x[chosen]]
            for layer, (w, b) in enumerate(zip(weights, biases)):
                z = a[-1] @ w + b
                a.append(np.maximum(z, 0) if layer + 1 < len(weights) else z)
            z = a[-1] - a[-1].max(1, keepdims=True)
            p = np.exp(z)
            p /= p.sum(1, keepdims=True)
            place = np.arange(len(chosen)), classes[chosen]
            total += float(-np.log(p[place]).sum())
            p[place] -= 1
            d = p / np.float32(len(chosen))
            for layer in range(len(weights) - 1, -1, -1):
                d_w, d_b = a[layer].T @ d, d.sum(0)
                if layer:
                    d = (d @ weights[layer].T) * (a[layer] > 0)
                weights[layer] -= np.float32(rate) * d_w
                biases[layer] -= np.float32(rate) * d_b
        return total / n_rows

    return work


def sklearn_training(regressor, sizes, n_rows, batch_size, solver, rate):
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    x, t = rows(n_rows, sizes)
    kind = MLPRegressor if regressor else MLPClassifier
    network = kind(
        hidden_layer_sizes=tuple(sizes[1:-1]),
        solver=solver,
        alpha=0,
        batch_size=batch_size,
        learning_rate_init=rate,
        max_iter=1,
        momentum=0,
    )
    return lambda: float(network.fit(x, t.ravel()).loss_)


def numpy_rows(n_rows):
    random = np.random.default_rng(0)
    x = random.random((n_rows, 784), np.float32)
    a, b = random.random((784, 128), np.float32), random.random((128, 10), np.float32)
    return lambda: float((np.maximum(x @ a, 0) @ b).mean())


DIGITS, WIDE = (784, 128, 10), (1024, 1024, 1024, 10)
WORKLOADS = {
    ("numpy", "W1"): numpy_w1,
    ("numpy", "W2"): numpy_w2,
    ("numpy", "W3"): lambda: numpy_training(DIGITS, 60_000, 64, 0.1),
    ("numpy", "W5"): lambda: numpy_training(WIDE, 8_192, 1_024, 0.1),
    ("numpy", "W6c"): lambda: numpy_rows(100_000),
    ("sklearn", "W3"): lambda: sklearn_training(False, DIGITS, 60_000, 64, "sgd", 0.1),
    ("sklearn", "W3a"): lambda: sklearn_training(False, DIGITS, 60_000, 64, "adam", 0.001),
    ("sklearn", "W4"): lambda: sklearn_training(True, (20, 256, 256, 256, 1), 100_000, 256, "adam", 0.001),
    ("sklearn", "W5"): lambda: sklearn_training(False, WIDE, 8_192, 1_024, "sgd", 0.1),
}


def main():
    make = WORKLOADS.get(tuple(sys.argv[1:3]))
    if make is None:
        sys.exit(3)
    work = make()
    wall, cpu = time.perf_counter(), time.process_time()
    checksum = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps({"workload": sys.argv[2], "seconds": wall, "cpu_seconds": cpu, "checksum": checksum}))


main()
