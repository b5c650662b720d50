"""A small network whose every number can be read while it learns."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np

from . import _glassnet
from ._data import as_json, to_table
from ._model import Model


class Network:
    """A network in double precision on the rows of a table, trained when told to. The same seed gives the same bits as the lessons
    of the command and the page.

    ``recipe`` is ``plain`` (default), ``seed`` (the tutorial's: sigmoid without biases, NumPy's legacy random numbers) or ``strong``;
    columns and settings are those of ``train``.

    >>> import glassnet
    >>> rows = {"a": [0, 0, 1, 1], "b": [0, 1, 0, 1], "c": [1, 1, 1, 1], "xor": [0, 1, 1, 0]}
    >>> network = glassnet.Network(rows, "xor", recipe="seed")
    >>> reports = network.train(20000)
    >>> network.forward([[0, 1, 1]]).round(2)
    array([[0.97]])
    """

    def __init__(
        self,
        table: Any,
        target: str | Iterable[str],
        *,
        recipe: str = "plain",
        schema: dict | None = None,
        **choices: Any,
    ):
        columns, settings = as_json(target, recipe, choices)
        schema = None if schema is None else json.dumps(schema)
        self._native = _glassnet.Network(to_table(table), columns, schema, settings)

    @property
    def about(self) -> dict:
        """Its ``inputs``, ``targets``, ``classes``, ``objective``, ``layers`` and ``settings``."""
        return json.loads(self._native.about())

    @property
    def n_epochs(self) -> int:
        """Epochs so far."""
        return self._native.n_epochs

    @property
    def loss(self) -> float:
        """The mean loss on the rows that train, as it is; of squared errors half of their sum a row."""
        return self._native.loss

    @property
    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """The rows that train, encoded, shape (n_rows, n_inputs), and what they should give: indices of classes, or numbers as the
        network is taught them, shape (n_rows, n_targets)."""
        return self._native.rows()

    def train(self, epochs: int = 1) -> list[dict]:
        """Trains so many epochs, or to the end; a report an epoch."""
        return json.loads(self._native.advance(epochs))

    def parameters(self) -> dict[str, np.ndarray]:
        """Every block by its name, float64: ``layers.0.weight`` of shape (n_inputs, n_outputs), ``layers.0.bias``, ..."""
        return dict(self._native.parameters())

    def set_parameters(self, **blocks: Any) -> None:
        """Goes on with other parameters: blocks by name, ``_`` standing for ``.``; those not named stay.

        ``network.set_parameters(layers_0_weight=[[0.1], [0.2]])``
        """
        parameters = self.parameters()
        for name, values in blocks.items():
            known = {key.replace(".", "_"): key for key in parameters}
            if name not in known:
                raise ValueError(f"there is no block {name}; there is: {', '.join(known)}")
            values, old = np.asarray(values, dtype=np.float64), parameters[known[name]]
            if values.shape != old.shape:
                raise ValueError(f"{name} has the shape {old.shape}, and {values.shape} was given")
            parameters[known[name]] = values
        self._native.set_parameters(np.concatenate([block.ravel() for block in parameters.values()]).tolist())

    def forward(self, x: Any) -> np.ndarray:
        """What it says of encoded inputs, shape (n_rows, n_inputs): probabilities (of two classes that of the second), or numbers as
        the network is taught them."""
        return self._native.forward(np.ascontiguousarray(x, dtype=np.float64))

    def trace(self, rows: int | Iterable[int]) -> dict:
        """Every number of one forward and backward pass and one step, on rows that train together: per layer ``x``, ``z``, ``a``,
        ``slope``, ``error``, ``delta``, and of its parameters ``values``, ``gradient``, ``update``, ``after``."""
        return json.loads(self._native.trace([rows] if isinstance(rows, int) else list(rows)))

    def step(self, row: int) -> dict:
        """One update by one row alone; its numbers before it, as of ``trace``. For plain gradient descent."""
        return json.loads(self._native.step(row))

    def pulls(self) -> np.ndarray:
        """The tug of war: what each row alone asks of each parameter, the negative gradient of its loss. Shape (n_rows, n_parameters)."""
        return self._native.pulls()

    def back_to(self, epoch: int) -> None:
        """Goes back to the last parameters that were kept up to an epoch, and forgets what came after."""
        self._native.back_to(epoch)

    def findings(self, tries: bool = False) -> list[dict]:
        """What is wrong with it as it is, the most important first; with ``tries`` by trials with one thing changed as well."""
        return json.loads(self._native.findings(tries))

    def model(self) -> Model:
        """As it is, as a model that reads tables, predicts and can be saved."""
        return Model(self._native.model())

    def __repr__(self) -> str:
        return f"<glassnet.Network after {self.n_epochs} epochs>"
