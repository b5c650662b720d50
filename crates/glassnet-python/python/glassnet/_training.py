"""From a table to a model."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from typing import Any

from . import _glassnet
from ._data import OF_COLUMNS, as_json, as_settings, note, to_table, warn
from ._model import Model, TrainingWarning, load, warn_of

#: Seconds of training between two looks at whether it should stop.
_WHILE = 0.05


def _to_go_on(model: Model, target: Any, choices: dict[str, Any]) -> str:
    """The settings of a training that goes on, as the core reads them."""
    targets = [target] if isinstance(target, str) else list(target or model.target_names)
    if set(targets) != set(model.target_names):
        raise ValueError(f"start_from: the model predicts {', '.join(model.target_names)}, and target is {target!r}. Leave it out")
    if given := [name for name, value in choices.items() if name in OF_COLUMNS and value is not None]:
        raise ValueError(f"start_from: the model's own columns stay. Leave out {', '.join(given)}")
    return json.dumps(as_settings(choices))


class Training:
    """A training, pulled an epoch at a time: iterate over it, and stop whenever you like.

    >>> import glassnet
    >>> rows = {"x": list(range(40)), "y": [3 * x - 1 for x in range(40)]}
    >>> training = glassnet.Training(rows, "y", recipe="plain")
    >>> for report in training:
    ...     if report["validation_loss"] < 0.01:
    ...         break
    >>> training.finish().task
    'regression'
    """

    def __init__(
        self,
        table: Any,
        target: str | Iterable[str] | None = None,
        *,
        recipe: str | None = None,
        validation: Any = None,
        schema: dict | None = None,
        start_from: Model | str | os.PathLike | None = None,
        **choices: Any,
    ):
        if schema is None and target is None and start_from is None:
            raise ValueError("target: name the column to learn")
        table = to_table(table)
        validation = None if validation is None else to_table(validation, "the validation table")
        if start_from is not None:
            model = start_from if isinstance(start_from, Model) else load(start_from)
            if schema is not None:
                raise ValueError("start_from: the model has a schema of its own. Leave out schema")
            settings = _to_go_on(model, target, {"recipe": recipe, **choices})
            self._native = _glassnet.Training(table, "{}", None, settings, validation, model._native)
            note(self._native.notes())
            return
        columns, settings = as_json(target, recipe, choices)
        schema = json.dumps(schema) if schema is not None else table.schema(columns) if recipe != "seed" else None
        if schema is not None:
            note(table.notes(schema))
        self._native = _glassnet.Training(table, columns, schema, settings, validation, None)

    @property
    def about(self) -> dict:
        """``n_training_rows``, ``n_validation_rows``, ``layer_sizes``, ``n_epochs`` at most, ``n_networks``, ``n_starts``,
        ``n_epochs_done``."""
        return json.loads(self._native.about())

    def __iter__(self) -> Iterator[dict]:
        """A report an epoch."""
        while reports := self.advance(0):
            yield from reports

    def advance(self, seconds: float = _WHILE) -> list[dict]:
        """Trains for so long, and at least one epoch; the reports, none when training has ended."""
        return json.loads(self._native.advance(seconds))

    def finish(self) -> Model:
        """Ends it, now or when it has ended by itself, and gives the model of the best epoch, diagnosed.

        TrainingWarning tells of findings that are errors or warnings.
        """
        native, report, starts, lottery = self._native.finish()
        model = Model(native)
        model.report, model._starts = report, starts
        model.lottery = None if lottery is None else json.loads(lottery)
        warn_of(model.findings)
        return model


def train(table: Any, target: str | Iterable[str] | None = None, **choices: Any) -> Model:
    """Trains a network on a table and gives the model of its best epoch.

    table: path, list of paths, DataFrame, dictionary of columns or array. target: the column to learn, or several of numbers.

    Keywords, all optional, with the names and defaults of the command ``glassnet train``:

    - ``recipe``: ``strong`` (default), ``plain`` or ``seed``;
    - ``start_from``: a model, or its file, whose training goes on with these rows: its columns, encoders, classes and layers stay, its
      weights are the start, and its settings the defaults, or its recipe's where that is given (``target`` and what is about columns
      are left out);
    - ``validation``: a table to validate on, instead of ``validation_fraction`` of the rows (default 0.2);
    - about columns: ``schema`` (as ``glassnet.schema`` gives it, edited), or ``task``, ``drop``, ``category``, ``number``,
      ``missing``, ``decimal_comma``, ``dates``;
    - every setting: ``hidden_layer_sizes``, ``activation``, ``optimizer``, ``learning_rate``, ``weight_decay``, ``dropout``,
      ``batch_size``, ``epochs``, ``patience``, ``restarts``, ``ensemble``, ``objective``, ``class_weight``, ``seed``, ``threads``
      (default: all cores; the bits are the same for any number), ...

    Ctrl-C stops the training and keeps the best so far; where no epoch has ended there is none, and KeyboardInterrupt
    is raised. Raises ValueError that names table, row, column, value and remedy.
    """
    training = Training(table, target, **choices)
    try:
        while training.advance():
            pass
    except KeyboardInterrupt:
        if training.about["n_epochs_done"] == 0:
            raise
        warn("training was interrupted; the model is that of the best epoch so far", TrainingWarning)
    return training.finish()
