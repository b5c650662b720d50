"""JAX: every step inside one compiled program, which is compiled before the clock starts."""

import jax
import jax.numpy as jnp
import numpy as np
from data import BETA1, BETA2, DECAY, DIGITS, EPSILON, TRAININGS, inputs, network, neuron, rows, two_layers
from jax import lax

jax.config.update("jax_enable_x64", True)


def compiled(function, *arguments):
    """A call with the arguments in the device's memory, already compiled; gives a number."""
    arguments = jax.device_put(arguments)
    program = jax.jit(function).lower(*arguments).compile()
    return lambda: float(program(*arguments))


def w1():
    x, t, start = (jnp.asarray(array) for array in neuron())

    def work(w):
        def step(_, w):
            o = jax.nn.sigmoid(x @ w)
            return w + x.T @ ((t - o) * o * (1 - o))

        w = lax.fori_loop(0, 10_000, step, w)
        return jnp.mean((jax.nn.sigmoid(x @ w) - t) ** 2)

    return compiled(work, start)


def w2():
    x, t, a, b = (jnp.asarray(array) for array in two_layers())

    def outputs(a, b, x):
        return jax.nn.sigmoid(jax.nn.sigmoid(x @ a) @ b)

    def work(a, b):
        def epoch(weights, _):
            a, b = weights
            for row in range(4):
                hidden = jax.nn.sigmoid(x[row] @ a)
                output = jax.nn.sigmoid(hidden @ b)
                d_output = (t[row] - output) * output * (1 - output)
                d_hidden = b @ d_output * hidden * (1 - hidden)
                b = b + 0.1 * jnp.outer(hidden, d_output)
                a = a + 0.1 * jnp.outer(x[row], d_hidden)
            return (a, b), jnp.mean((outputs(a, b, x) - t) ** 2)

        _, losses = lax.scan(epoch, (a, b), length=20_000)
        return losses[-1]

    return compiled(work, a, b)


def loss_of(parameters, x, t):
    weights, biases = parameters
    for w, b in zip(weights[:-1], biases[:-1]):
        x = jax.nn.relu(x @ w + b)
    y = x @ weights[-1] + biases[-1]
    if y.shape[1] == 1:
        return 0.5 * jnp.mean((y - t) ** 2)
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(y), t[:, None], 1))


def sgd(rate):
    def step(parameters, d, state):
        return jax.tree.map(lambda p, d: p - np.float32(rate) * d, parameters, d), state

    return step


def adam(rate, decay):
    def step(parameters, d, state):
        n, m, v = state
        n = n + 1
        one = jnp.float32(1)
        m = jax.tree.map(lambda m, d: np.float32(BETA1) * m + np.float32(1 - BETA1) * d, m, d)
        v = jax.tree.map(lambda v, d: np.float32(BETA2) * v + np.float32(1 - BETA2) * d * d, v, d)
        m_scale, v_scale = one / (1 - np.float32(BETA1) ** n), one / (1 - np.float32(BETA2) ** n)

        def change(p, m, v):
            kept = p * np.float32(1 - rate * decay) if p.ndim == 2 else p
            return kept - np.float32(rate) * (m * m_scale) / (jnp.sqrt(v * v_scale) + np.float32(EPSILON))

        return jax.tree.map(change, parameters, m, v), (n, m, v)

    return step


def training(sizes, n_rows, batch_size, optimizer, rate):
    """One epoch in a random order: full batches in a loop, then the rest."""
    x, t = jax.device_put(rows(n_rows, sizes))
    parameters = jax.device_put(network(sizes))
    step = sgd(rate) if optimizer == "sgd" else adam(rate, DECAY if optimizer == "adamw" else 0)
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    n_full = n_rows // batch_size

    def work(parameters, state, x, t, order):
        def batch(carry, chosen):
            parameters, state, total = carry
            loss, d = jax.value_and_grad(loss_of)(parameters, x[chosen], t[chosen])
            parameters, state = step(parameters, d, state)
            return (parameters, state, total + loss * np.float32(len(chosen))), None

        carry = parameters, state, jnp.float32(0)
        full, rest = order[: n_full * batch_size].reshape(n_full, batch_size), order[n_full * batch_size :]
        carry, _ = lax.scan(batch, carry, full)
        if len(rest):
            carry, _ = batch(carry, rest)
        # The parameters too, or the compiler would leave out the last step.
        return carry[2] / n_rows, carry[0]

    def order():
        return np.random.default_rng(1).permutation(n_rows).astype(np.int32)

    arguments = parameters, (jnp.float32(0), zeros, zeros), x, t
    program = jax.jit(work).lower(*arguments, order()).compile()

    def run():
        loss, trained = program(*arguments, order())
        jax.block_until_ready(trained)
        return float(loss)

    return run


def one_row(activation, sizes, x, type):
    (a, b), (c, d) = jax.device_put(network(sizes, type))
    network_of = jax.jit(lambda x, a, b, c, d: (activation(x @ a + c) @ b + d)[0])
    program = network_of.lower(x[0], a, b, c, d).compile()
    return lambda row: float(program(x[row], a, b, c, d))


def w6a():
    return one_row(jax.nn.sigmoid, (3, 4, 1), inputs(64, 3, float), float)


def w6b():
    return one_row(jax.nn.relu, DIGITS, inputs(64, 784), np.float32)


def w6c():
    (a, b), (c, d) = network(DIGITS)

    def work(x, a, b, c, d):
        # A part after the other, so that what lies between stays in the cache.
        parts = lax.map(lambda part: jax.nn.relu(part @ a + c) @ b + d, x.reshape(100, 1_000, 784))
        return jnp.mean(parts)

    return compiled(work, inputs(100_000, 784), a, b, c, d)


WORKLOADS = {"W1": w1, "W2": w2, "W6a": w6a, "W6b": w6b, "W6c": w6c}
WORKLOADS |= {name: lambda training_=sizes: training(*training_) for name, sizes in TRAININGS.items()}
