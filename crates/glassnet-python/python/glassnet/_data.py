"""What people have as tables: files, DataFrames, dictionaries of columns, arrays."""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from . import _glassnet

Table = _glassnet.Table

#: Whole numbers up to here are numbers of 64 bits without loss.
_MOST_WHOLE = 2**53
#: Packages whose own lines no warning is about.
_INSIDE = ("glassnet", "sklearn")


class DataWarning(UserWarning):
    """Something about rows that their predictions should be read with."""


def read_table(*paths: str | os.PathLike, encoding: str | None = None) -> Table:
    """Reads files in any format that the command reads (CSV, TSV, JSON Lines, Parquet, Arrow, IDX, perhaps compressed), several of
    them or a pattern as one table. Text is in ``encoding`` (``"windows-1252"``, ``"big5"`` and the other labels of the Encoding
    Standard), by default in UTF-8, or in UTF-16 where its mark says so.

    Raises FileNotFoundError or OSError where that is not possible, ValueError that names line and column where it is no table.
    """
    return Table.read([os.fspath(path) for path in paths], encoding)


def schema(table: Any, target: str | list[str] | None = None, **columns: Any) -> dict:
    """The columns of a table as glassnet understands them: name, kind, role, levels, range. It may be edited and given to
    ``train(schema=...)``. ``columns``: ``task``, ``row_weight``, ``drop``, ``category``, ``number``, ``missing``,
    ``decimal_comma``, ``dates`` as of ``train``."""
    return json.loads(to_table(table).schema(column_options(target, **columns)))


def column_options(
    target: str | Iterable[str] | None,
    task: str | None = None,
    row_weight: str | None = None,
    drop: Iterable[str] = (),
    category: Iterable[str] = (),
    number: Iterable[str] = (),
    missing: Iterable[str] | None = None,
    decimal_comma: bool = False,
    dates: str | None = None,
) -> str:
    """As the core reads them."""

    def names(given: str | Iterable[str]) -> list[str]:
        return [given] if isinstance(given, str) else [str(name) for name in given]

    return json.dumps(
        {
            "targets": [] if target is None else names(target),
            "task": task,
            "row_weight": row_weight,
            "drop": names(drop),
            "category": names(category),
            "number": names(number),
            "missing": None if missing is None else names(missing),
            "decimal_comma": bool(decimal_comma),
            "dates": dates,
        }
    )


#: What ``column_options`` takes; all other choices are settings of the training.
OF_COLUMNS = ("task", "row_weight", "drop", "category", "number", "missing", "decimal_comma", "dates")


def as_settings(choices: dict[str, Any]) -> dict[str, Any]:
    """The choices about training, without arrays and tuples."""

    def plain(value: Any) -> Any:
        if hasattr(value, "tolist"):
            return value.tolist()
        return list(value) if isinstance(value, (tuple, range)) else value

    return {name: plain(value) for name, value in choices.items() if name not in OF_COLUMNS}


def as_json(target: str | Iterable[str] | None, recipe: str | None, choices: dict[str, Any]) -> tuple[str, str]:
    """Choices about columns, and recipe and settings, as the core reads them."""
    columns = {name: value for name, value in choices.items() if name in OF_COLUMNS}
    settings = as_settings(choices)
    # Every objective that can be asked for is one of numbers; counts would else be taken as classes where they are few.
    if settings.get("objective") is not None or settings.get("quantiles") is not None:
        columns.setdefault("task", "regression")
    return column_options(target, **columns), json.dumps({"recipe": recipe, **settings})


def to_table(data: Any, name: str = "the table") -> Table:
    """A table of whatever holds one.

    A path, or a list of paths; a DataFrame (pandas, polars, or anything with ``columns`` whose columns NumPy can take); a
    dictionary of columns; an array of two dimensions, whose columns are called x0, x1, ...
    """
    if isinstance(data, Table):
        return data
    if isinstance(data, (str, os.PathLike)):
        return read_table(data)
    if isinstance(data, (list, tuple)) and data and all(isinstance(path, (str, os.PathLike)) for path in data):
        return read_table(*data)
    if isinstance(data, Mapping):
        columns = [(str(key), values) for key, values in data.items()]
    elif hasattr(data, "columns") and hasattr(data, "__getitem__"):
        columns = [(str(key), data[key]) for key in data.columns]
    else:
        array = np.asarray(data)
        if array.ndim != 2:
            raise ValueError(
                f"expected a table, got an array of {array.ndim} dimensions. Give a path, a DataFrame, a dictionary of columns or an "
                "array of two dimensions"
            )
        columns = [(f"x{i}", array[:, i]) for i in range(array.shape[1])]
    return Table.from_columns(name, [(key, _cells(values)) for key, values in columns])


def _cells(values: Any) -> Any:
    """Numbers as float64, all else as texts with None where there is no value."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise ValueError(f"a column must have one dimension, and this one has {array.ndim}")
    kind = array.dtype.kind
    if kind == "f":
        return np.ascontiguousarray(array, dtype=np.float64)
    if kind in "iu":
        if array.size == 0 or (abs(int(array.max())) <= _MOST_WHOLE and abs(int(array.min())) <= _MOST_WHOLE):
            return np.ascontiguousarray(array, dtype=np.float64)
        return [str(value) for value in array.tolist()]
    if kind == "b":
        return [str(value) for value in array.tolist()]
    if kind == "M":
        return [None if text == "NaT" else text for text in np.datetime_as_string(array).tolist()]
    if kind == "c":
        raise ValueError("Complex data not supported: give real and imaginary parts as columns of their own")
    return [_text(value) for value in array.tolist()]


def _text(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    # NaN, NaT and pandas.NA are not equal to themselves, or not sure of it.
    if value is None or value != value or str(value) in ("<NA>", "NaT"):
        return None
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        number = float(value)
        return str(int(number)) if number.is_integer() and abs(number) <= _MOST_WHOLE else repr(number)
    return str(value)


def warn(text: str, category: type[Warning]) -> None:
    """Warns where the package was called from, by scikit-learn perhaps, rather than in the middle of it."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _INSIDE:
        frame, level = frame.f_back, level + 1
    warnings.warn(text, category, stacklevel=level)


def note(notes: Iterable[str]) -> None:
    """Warns of what was noticed."""
    for one in notes:
        warn(one.removeprefix("warning: "), DataWarning)
