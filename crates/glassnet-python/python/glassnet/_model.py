"""A trained model and its figures."""

from __future__ import annotations

import json
import os
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from . import _glassnet
from ._data import note, to_table, warn


class TrainingWarning(UserWarning):
    """A finding of severity error or warning: what is wrong with a training, and what to do about it."""


class Figure:
    """A figure: shown as it is in a notebook, else ``svg()``, ``png()`` or ``save()``."""

    def __init__(self, native: _glassnet.Figure):
        self._native = native

    @property
    def title(self) -> str:
        """What it shows."""
        return self._native.title

    def svg(self) -> str:
        """As SVG, which follows the reader's light or dark theme."""
        return self._native.svg()

    def png(self, width: int = 1440) -> bytes:
        """As PNG, so many pixels wide."""
        return bytes(self._native.png(width))

    def save(self, path: str | os.PathLike, width: int = 1440) -> None:
        """Writes a file that ends in .svg or .png."""
        path = Path(path)
        ending = path.suffix.lower()
        if ending == ".svg":
            path.write_text(self.svg(), encoding="utf-8")
        elif ending == ".png":
            path.write_bytes(self.png(width))
        else:
            raise ValueError(f"{path}: the file must end in .svg or .png")

    def _repr_svg_(self) -> str:
        return self.svg()

    def __repr__(self) -> str:
        return f"<glassnet.Figure {self.title!r}>"


class Model:
    """What training leaves: the columns as understood, their encoder, the network and its story, in one piece.

    Made by ``train``, ``Training.finish`` and ``load``. It pickles as the bytes of its file.
    """

    def __init__(self, native: _glassnet.Model):
        self._native = native
        #: How the starts ended, where there were several: ``{starts, solved, constant_loss, losses}``. Not kept in the file.
        self.lottery: dict | None = None
        #: Of the training that made it, a page of HTML; not kept in the file.
        self.report: str | None = None
        self._starts: _glassnet.Figure | None = None

    @cached_property
    def _about(self) -> dict:
        return json.loads(self._native.about())

    @property
    def task(self) -> str:
        """``classification`` or ``regression``."""
        return self._about["task"]

    @property
    def target_names(self) -> list[str]:
        """The column that is predicted, or several of numbers."""
        return self._about["targets"]

    @property
    def input_names(self) -> list[str]:
        """The columns that it reads."""
        return self._about["inputs"]

    @property
    def class_names(self) -> list[str]:
        """The classes, in the order of ``predict_proba``; none of numbers."""
        return self._about["classes"]

    @property
    def quantiles(self) -> list[float] | None:
        """The levels of the quantiles that it predicts, where it does."""
        return self._about["quantiles"]

    @property
    def schema(self) -> dict:
        """The columns as understood."""
        return self._about["schema"]

    @property
    def settings(self) -> dict:
        """Every choice of its training."""
        return self._about["settings"]

    @property
    def changes(self) -> list[str]:
        """The choices that are not its recipe's, in words."""
        return self._about["changes"]

    @property
    def layers(self) -> list[Any]:
        """Kind and sizes of every layer of the network."""
        return self._about["layers"]

    @property
    def n_networks(self) -> int:
        """Members of the ensemble, or 1."""
        return self._about["n_networks"]

    @property
    def history(self) -> list[dict]:
        """One report an epoch: ``epoch``, ``training_loss``, ``validation_loss``, ``learning_rate``, ..."""
        return self._about["history"]

    @property
    def best_epoch(self) -> int:
        """The epoch whose parameters the network has, from 1; 0 is the start."""
        return self._about["best_epoch"]

    @property
    def evaluation(self) -> dict | None:
        """``{rows, metrics, baselines}`` on the validation rows, each metric with its 95 % interval."""
        return self._about["evaluation"]

    @property
    def findings(self) -> list[dict]:
        """What is wrong with the training, the most important first: ``{code, severity, message, evidence, remedy}``."""
        return self._about["findings"]

    def predict(self, table: Any) -> np.ndarray:
        """The class of each row as a text, or its number. Shape (n_rows,), with several targets or quantiles (n_rows, n).

        Raises ValueError where a column is missing or a cell cannot be read; DataWarning tells of values outside what training saw.
        """
        predicted = self._predict(table)
        if self.task == "classification":
            return np.asarray(self.class_names, dtype=object)[predicted.argmax(axis=1)]
        return predicted[:, 0] if predicted.shape[1] == 1 else predicted

    def predict_proba(self, table: Any) -> np.ndarray:
        """The probability of each class, float32, shape (n_rows, n_classes), in the order of ``class_names``."""
        if self.task != "classification":
            raise ValueError("this model predicts numbers, which have no probabilities")
        return self._predict(table)

    def _predict(self, table: Any) -> np.ndarray:
        predicted, notes = self._native.predict(to_table(table))
        note(notes)
        return predicted

    def evaluate(self, table: Any) -> dict:
        """``{rows, metrics, baselines}`` on the rows of a table that have a target; with several targets also ``targets``."""
        evaluation, notes = self._native.evaluate(to_table(table))
        note(notes)
        return json.loads(evaluation)

    def explain(
        self,
        table: Any,
        row: int | None = None,
        rows: list[int] | None = None,
        *,
        optimizer: str | None = None,
        learning_rate: float | None = None,
        check_gradients: bool = False,
    ) -> dict:
        """Every number of one forward and backward pass and of one step: of a row, counted from 0, or of several rows as a
        mini-batch. The step is that of the model's own optimizer from rest, or of another one.

        Of a row also ``attributions``: what each column adds to the prediction, by integrated gradients (Sundararajan, Taly and
        Yan, arXiv 1703.01365) against the mean row of training, with what is ``missing`` from a full account.
        """
        if (row is None) == (rows is None):
            raise ValueError("give either row or rows")
        numbers = [row] if rows is None else list(rows)
        if any(number < 0 for number in numbers):
            raise ValueError(f"rows {numbers}: rows are counted from 0")
        step = json.dumps({"optimizer": optimizer, "learning_rate": learning_rate})
        explained, notes = self._native.explain(to_table(table), numbers, step, check_gradients)
        note(notes)
        result = json.loads(explained)
        # The core counts rows as people do.
        result.pop("rows", None)
        result.pop("row", None)
        return {"row": row, **result} if rows is None else {"rows": numbers, **result}

    def importance(self, table: Any, repetitions: int = 10, seed: int = 0) -> list[dict]:
        """How much the loss rises when the cells of a column are put in another order, the largest rise first:
        ``{column, rise, margin}``, the margin being half of a 95 % interval."""
        all_columns = self._native.importance(to_table(table), repetitions, seed)
        return [{"column": column, "rise": rise, "margin": margin} for column, rise, margin in all_columns]

    def diagnose(self, table: Any = None) -> list[dict]:
        """The findings; with the table that trained the model from its rows as well, with another one what is different there."""
        if table is None:
            return self.findings
        return json.loads(self._native.diagnose(to_table(table)))

    def try_fix(self, table: Any) -> tuple[str, Model] | None:
        """Trains again, on the table that trained the model, with the first remedy that settings can make: the finding's code, and the
        model after it. None where no finding has such a remedy; ValueError of another table."""
        tried = self._native.try_fix(to_table(table))
        return None if tried is None else (tried[0], Model(tried[1]))

    def parameters(self, network: int = 0) -> dict[str, np.ndarray]:
        """Every block of parameters by its name, float32: ``layers.0.weight`` of shape (n_inputs, n_outputs), ..."""
        return dict(self._native.parameters(network))

    def figure(
        self,
        what: str,
        table: Any = None,
        *,
        columns: tuple[str, str] | None = None,
        target: str | None = None,
    ) -> Figure:
        """``loss``, ``network``, ``starts`` (after a training from several starts); with a table also ``activations``, ``errors``
        (true against predicted) and ``boundary`` (over two columns of numbers)."""
        if what == "starts":
            if self._starts is None:
                raise ValueError("this model was not just trained from several starts")
            return Figure(self._starts)
        table = None if table is None else to_table(table)
        return Figure(self._native.figure(what, table, columns, target))

    def save(self, path: str | os.PathLike) -> None:
        """Writes the model file, whole or not at all; the command, the page and every later version read it."""
        self._native.write(os.fspath(path))

    def to_bytes(self) -> bytes:
        """The bytes of its file."""
        return bytes(self._native.to_bytes())

    def export(self, path: str | os.PathLike) -> None:
        """Writes the model for programs that know nothing of glassnet, as ``glassnet export`` does: an ONNX file where the path ends in
        .onnx, a C header where it ends in .h."""
        formats = {".onnx": "onnx", ".h": "c"}
        path = Path(path)
        if path.suffix.lower() not in formats:
            raise ValueError(f"{path}: the file must end in .onnx or .h")
        self._native.export(os.fspath(path), formats[path.suffix.lower()])

    @classmethod
    def from_bytes(cls, data: bytes) -> Model:
        """From the bytes of a file."""
        return cls(_glassnet.Model.from_bytes(data))

    def __reduce__(self):
        return (Model.from_bytes, (self.to_bytes(),))

    def __repr__(self) -> str:
        names = ", ".join(self.target_names)
        return f"<glassnet.Model of {names!r}: {self.task}, best epoch {self.best_epoch} of {len(self.history)}>"


def load(path: str | os.PathLike) -> Model:
    """Reads a model file, as ``Model.save`` and the command write them, or that of the folder of a training. ValueError says what is wrong with another file."""
    return Model(_glassnet.Model.read(os.fspath(path)))


def warn_of(findings: list[dict]) -> None:
    """Says aloud what went wrong."""
    for finding in findings:
        if finding["severity"] != "info":
            text = f"{finding['code']}: {finding['message']}. Remedy: {finding['remedy']['text']}"
            warn(text, TrainingWarning)
