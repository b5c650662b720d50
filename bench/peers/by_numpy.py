"""NumPy: the tutorial's own code, and its like for larger networks."""

import numpy as np
from data import BETA1, BETA2, DECAY, DIGITS, EPSILON, TRAININGS, inputs, network, neuron, rows, two_layers


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def w1():
    """Full batch."""
    x, t, start = neuron()

    def work():
        w = start
        for _ in range(10_000):
            o = sigmoid(x @ w)
            w = w + x.T @ ((t - o) * o * (1 - o))
        return float(np.mean((sigmoid(x @ w) - t) ** 2))

    return work


def train_two_layers(x, t, a, b):
    """One row at a time, the loss after each epoch; gives both layers' weights and the losses."""
    losses = []
    for _ in range(20_000):
        for row, target in zip(x, t):
            row = row[None]
            hidden = sigmoid(row @ a)
            output = sigmoid(hidden @ b)
            d_output = (target - output) * output * (1 - output)
            d_hidden = d_output @ b.T * hidden * (1 - hidden)
            b = b + 0.1 * hidden.T @ d_output
            a = a + 0.1 * row.T @ d_hidden
        losses.append(float(np.mean((sigmoid(sigmoid(x @ a) @ b) - t) ** 2)))
    return a, b, losses


def w2():
    start = two_layers()
    return lambda: train_two_layers(*start)[2][-1]


class Sgd:
    def __init__(self, rate):
        self.rate = np.float32(rate)

    def step(self, parameters, gradients):
        for p, d in zip(parameters, gradients):
            d *= self.rate
            p -= d


class Adam:
    """Each parameter in place; the decay is decoupled."""

    def __init__(self, rate, decay, parameters):
        self.rate, self.decay, self.n_steps = rate, decay, 0
        self.m, self.v, self.spare = ([np.zeros_like(p) for p in parameters] for _ in range(3))

    def step(self, parameters, gradients):
        self.n_steps += 1
        rate = self.rate / (1 - BETA1**self.n_steps)
        root = (1 - BETA2**self.n_steps) ** -0.5
        for p, d, m, v, spare in zip(parameters, gradients, self.m, self.v, self.spare):
            m *= np.float32(BETA1)
            v *= np.float32(BETA2)
            np.multiply(d, np.float32(1 - BETA1), out=spare)
            m += spare
            d *= d
            d *= np.float32(1 - BETA2)
            v += d
            if self.decay and p.ndim == 2:
                p *= np.float32(1 - self.rate * self.decay)
            np.sqrt(v, out=spare)
            spare *= np.float32(root)
            spare += np.float32(EPSILON)
            np.divide(m, spare, out=spare)
            spare *= np.float32(rate)
            p -= spare


def training(sizes, n_rows, batch_size, optimizer, rate):
    """Relu layers, one epoch in a random order, in place."""
    x, t = rows(n_rows, sizes)
    weights, biases = network(sizes)
    parameters = weights + biases
    decay = DECAY if optimizer == "adamw" else 0
    rule = Sgd(rate) if optimizer == "sgd" else Adam(rate, decay, parameters)
    n_layers = len(sizes) - 1

    def work():
        total = 0.0
        order = np.random.default_rng(1).permutation(n_rows)
        for first in range(0, n_rows, batch_size):
            chosen = order[first : first + batch_size]
            a = [x[chosen]]
            for layer, (w, b) in enumerate(zip(weights, biases)):
                z = a[-1] @ w
                z += b
                a.append(np.maximum(z, 0, out=z) if layer + 1 < n_layers else z)
            z = a[-1]
            if sizes[-1] == 1:
                d = z - t[chosen]
                total += 0.5 * float(np.vdot(d, d))
            else:
                z -= z.max(1, keepdims=True)
                d = np.exp(z, out=z)
                d /= d.sum(1, keepdims=True)
                place = np.arange(len(chosen)), t[chosen]
                total += float(-np.log(d[place]).sum())
                d[place] -= 1
            d /= np.float32(len(chosen))
            d_weights, d_biases = [None] * n_layers, [None] * n_layers
            for layer in range(n_layers - 1, -1, -1):
                d_weights[layer], d_biases[layer] = a[layer].T @ d, d.sum(0)
                if layer:
                    d = d @ weights[layer].T
                    d *= a[layer] > 0
            rule.step(parameters, d_weights + d_biases)
        return total / n_rows

    return work


def w6a():
    (a, b), (c, d) = network((3, 4, 1), float)
    x = inputs(64, 3, float)
    return lambda row: float((sigmoid(x[row] @ a + c) @ b + d)[0])


def w6b():
    (a, b), (c, d) = network(DIGITS)
    x = inputs(64, 784)
    return lambda row: float((np.maximum(x[row] @ a + c, 0) @ b + d)[0])


def w6c():
    (a, b), (c, d) = network(DIGITS)
    x = inputs(100_000, 784)

    def work():
        # A part after the other, so that what lies between stays in the cache.
        parts = [np.maximum(part @ a + c, 0) @ b + d for part in np.split(x, 100)]
        return float(np.concatenate(parts).mean())

    return work


WORKLOADS = {"W1": w1, "W2": w2, "W6a": w6a, "W6b": w6b, "W6c": w6c}
WORKLOADS |= {name: lambda training_=sizes: training(*training_) for name, sizes in TRAININGS.items()}
