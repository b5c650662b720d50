"""PyTorch, eager: rows gathered from one resident tensor, fused optimizers, no data loader; forward passes in inference mode.

The tutorial's two networks are written as the tutorial does it, without autograd, which takes several times as long.
"""

import os

import torch
from data import DECAY, DIGITS, TRAININGS, inputs, network, neuron, rows, two_layers
from torch.nn import functional

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", 1)))
torch.manual_seed(0)
# `PRECISION=bf16`: products of 16-bit factors in training, with 32-bit weights.
HALF = torch.autocast("cpu", torch.bfloat16, enabled=os.environ.get("PRECISION") == "bf16")


def tensors(*arrays):
    return [torch.from_numpy(array.copy()) for array in arrays]


def w1():
    x, t, start = tensors(*neuron())

    @torch.inference_mode()
    def work():
        w = start.clone()
        columns = x.T.contiguous()
        for _ in range(10_000):
            o = torch.sigmoid(x @ w)
            w.addmm_(columns, (t - o) * o * (1 - o))
        return functional.mse_loss(torch.sigmoid(x @ w), t).item()

    return work


def w2():
    x, t, *start = tensors(*two_layers())

    @torch.inference_mode()
    def work():
        a, b = (w.clone() for w in start)
        pairs = [(row[None], row[:, None], target[None]) for row, target in zip(x, t)]
        for _ in range(20_000):
            for row, column, target in pairs:
                hidden = torch.sigmoid(row @ a)
                output = torch.sigmoid(hidden @ b)
                d_output = (target - output) * output * (1 - output)
                d_hidden = d_output @ b.T * hidden * (1 - hidden)
                b.addmm_(hidden.T, d_output, alpha=0.1)
                a.addmm_(column, d_hidden, alpha=0.1)
            loss = functional.mse_loss(torch.sigmoid(torch.sigmoid(x @ a) @ b), t).item()
        return loss

    return work


def relu_network(sizes):
    layers = []
    for w, b in zip(*network(sizes)):
        layer = torch.nn.Linear(*w.shape)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(w.T.copy()))
            layer.bias.copy_(torch.from_numpy(b))
        layers += [layer, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def training(sizes, n_rows, batch_size, optimizer, rate):
    """One epoch in a random order."""
    x, t = (torch.from_numpy(array) for array in rows(n_rows, sizes))

    def start():
        model = relu_network(sizes)
        if optimizer == "sgd":
            return model, torch.optim.SGD(model.parameters(), rate, fused=True)
        if optimizer == "adam":
            return model, torch.optim.Adam(model.parameters(), rate, fused=True)
        decayed = [p for p in model.parameters() if p.ndim == 2]
        others = [p for p in model.parameters() if p.ndim == 1]
        groups = [{"params": decayed, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}]
        return model, torch.optim.AdamW(groups, rate, fused=True)

    def epoch(n_rows, model, rule):
        total = torch.zeros(())
        for chosen in torch.randperm(n_rows).split(batch_size):
            with HALF:
                y = model(x[chosen])
                if sizes[-1] == 1:
                    loss = 0.5 * functional.mse_loss(y, t[chosen])
                else:
                    loss = functional.cross_entropy(y, t[chosen])
            rule.zero_grad(set_to_none=True)
            loss.backward()
            rule.step()
            total += loss.detach() * len(chosen)
        return total.item() / n_rows

    # Two steps of another network first: what PyTorch makes once is then there.
    epoch(2 * batch_size, *start())
    model, rule = start()
    return lambda: epoch(n_rows, model, rule)


def one_row(model, x):
    model, x = model.eval(), torch.from_numpy(x)

    @torch.inference_mode()
    def one(row):
        return model(x[row])[0].item()

    return one


def w6a():
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Sigmoid(), torch.nn.Linear(4, 1)).double()
    return one_row(model, inputs(64, 3, float))


def w6b():
    return one_row(relu_network(DIGITS), inputs(64, 784))


def w6c():
    model, x = relu_network(DIGITS).eval(), torch.from_numpy(inputs(100_000, 784))

    @torch.inference_mode()
    def work():
        # A part after the other, so that what lies between stays in the cache.
        return torch.cat([model(part) for part in x.split(1_000)]).mean().item()

    return work


WORKLOADS = {"W1": w1, "W2": w2, "W6a": w6a, "W6b": w6b, "W6c": w6c}
WORKLOADS |= {name: lambda training_=sizes: training(*training_) for name, sizes in TRAININGS.items()}
