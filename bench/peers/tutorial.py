"""W7: the tutorial's training of two layers as a whole program, from start to exit; it prints what the lesson prints."""

import json

import numpy as np
from by_numpy import sigmoid, train_two_layers
from data import two_layers


def main():
    x, t, *start = two_layers()
    a, b, losses = train_two_layers(x, t, *start)
    hidden = sigmoid(x @ a)
    prediction = sigmoid(sigmoid(np.array([1.0, 0, 0]) @ a) @ b)
    numbers = {"weights_0_1": a, "weights_1_2": b, "hidden": hidden, "outputs": sigmoid(hidden @ b), "prediction": prediction}
    numbers = {name: array.tolist() for name, array in numbers.items()}
    print(json.dumps(numbers | {"loss": losses[-1], "loss_history": losses}))


main()
