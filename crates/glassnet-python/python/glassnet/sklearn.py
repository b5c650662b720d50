"""Estimators for scikit-learn.

They take arrays and DataFrames; a DataFrame may have columns of texts and missing values, which the model encodes itself. What differs
from scikit-learn's own MLPClassifier and MLPRegressor:

- inputs are scaled, and targets of regression standardised, by default (``settings={"scaling": False}`` for inputs as they are);
- a part of the rows, or ``X_val`` and ``y_val`` of ``fit``, validates after each epoch, and the best epoch by its loss is kept;
- ``None`` is what the recipe decides: ``strong`` (default) is RealMLP-TD (Holzmüller, Grinsztajn and Steinwart, arXiv 2407.04491),
  ``plain`` a readable network of two hidden layers;
- ``epochs``, ``optimizer``, ``learning_rate`` and ``weight_decay`` are what ``max_iter``, ``solver``, ``learning_rate_init`` and
  ``alpha`` are there (weight decay is decoupled, not a penalty);
- ``warm_start=True`` keeps columns, encoders and classes of the first ``fit`` as well as its weights; there is no ``partial_fit``;
- the default ``random_state=0`` gives the same network each time, ``None`` another one;
- ``findings_`` tells what is wrong with a training, and TrainingWarning says so.
"""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.utils import check_array, check_consistent_length, check_random_state, column_or_1d
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data
except ImportError as error:
    raise ImportError(
        "glassnet.MLPClassifier and glassnet.MLPRegressor need scikit-learn 1.6 or later: pip install 'glassnet[sklearn]'"
    ) from error

from ._data import to_table
from ._training import train


class _MLP(BaseEstimator):
    """What both estimators share."""

    def __init__(
        self,
        hidden_layer_sizes=None,
        activation=None,
        *,
        recipe="strong",
        optimizer=None,
        learning_rate=None,
        weight_decay=None,
        dropout=None,
        batch_size=None,
        epochs=None,
        patience=None,
        validation_fraction=None,
        restarts=None,
        ensemble=1,
        warm_start=False,
        random_state=0,
        threads=None,
        settings=None,
    ):
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.recipe = recipe
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.dropout = dropout
        self.batch_size = batch_size
        self.epochs = epochs
        self.patience = patience
        self.validation_fraction = validation_fraction
        self.restarts = restarts
        self.ensemble = ensemble
        self.warm_start = warm_start
        self.random_state = random_state
        self.threads = threads
        self.settings = settings

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _goes_on(self) -> bool:
        """Whether a fit begins where the last one ended."""
        return self.warm_start and hasattr(self, "model_")

    def _seed(self) -> int:
        if isinstance(self.random_state, numbers.Integral):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(2**31))

    def _columns(self, X: Any, reset: bool) -> dict[str, np.ndarray]:
        """The inputs by name: numbers as float64, all else as it is."""
        kinds = [np.dtype(getattr(kind, "numpy_dtype", kind)).kind for kind in _dtypes(X)]
        if all(kind in "biuf" for kind in kinds):
            X = validate_data(self, X, dtype=np.float64, ensure_all_finite="allow-nan", reset=reset, ensure_min_samples=2 if reset else 1)
            names = getattr(self, "feature_names_in_", [f"x{i}" for i in range(X.shape[1])])
            return {str(name): X[:, i] for i, name in enumerate(names)}
        validate_data(self, X, skip_check_array=True, reset=reset)
        if len(X) < (2 if reset else 1):
            raise ValueError(f"Found array with {len(X)} sample(s) while a minimum of {2 if reset else 1} is required.")
        return {str(name): X[name] for name in X.columns}

    def _inputs(self, X: Any, y: Any) -> dict[str, np.ndarray]:
        """The inputs, with a target for each row."""
        if y is None:
            raise ValueError("This estimator requires y to be passed, but the target y is None")
        inputs = self._columns(X, reset=True)
        check_consistent_length(next(iter(inputs.values())), y)
        return inputs

    def _fit(self, inputs: dict[str, Any], targets: dict[str, Any], weights: Any, validation: Any, task: str) -> None:
        names = list(targets)
        has_weights = weights is not None or validation is not None and validation[2] is not None
        if self._goes_on():
            if has_weights and not self._has_weights:
                raise ValueError("warm_start: the first fit had no sample_weight. Give one there, of ones, or fit without")
            has_weights = self._has_weights
        self._has_weights = has_weights
        if has_weights:
            targets = {**targets, "sample_weight": _weights(weights, inputs)}
            names.append("sample_weight")
        while any(name in inputs for name in names):
            names = [f"{name}_" for name in names]
        rename = dict(zip(targets, names))

        def table(columns: dict[str, Any], targets: dict[str, Any]) -> dict[str, Any]:
            return {**columns, **{rename[name]: values for name, values in targets.items()}}

        held_out = None
        if validation is not None:
            columns, of_rows = self._columns(validation[0], reset=False), validation[1]
            if has_weights:
                of_rows = {**of_rows, "sample_weight": _weights(validation[2], columns)}
            held_out = table(columns, of_rows)
        given = {
            name: getattr(self, name)
            for name in (
                "hidden_layer_sizes activation optimizer learning_rate weight_decay dropout batch_size epochs patience "
                "validation_fraction restarts class_weight objective"
            ).split()
            if getattr(self, name, None) is not None
        }
        if isinstance(given.get("class_weight"), dict):
            given["class_weight"] = self._weights(given["class_weight"])
        if isinstance(given.get("hidden_layer_sizes"), numbers.Integral):
            given["hidden_layer_sizes"] = [given["hidden_layer_sizes"]]
        if self._goes_on():
            columns = {"start_from": self.model_}
        else:
            columns = {
                "task": task,
                "number": [name for name, values in inputs.items() if np.asarray(values).dtype.kind == "f"],
                "row_weight": names[-1] if has_weights else None,
            }
        self.model_ = train(
            table(inputs, targets),
            names[:-1] if has_weights else names,
            validation=held_out,
            recipe=self.recipe,
            **columns,
            seed=self._seed(),
            threads=self.threads,
            ensemble=self.ensemble,
            **given,
            **(self.settings or {}),
        )
        model = self.model_
        history = model.history
        self.n_iter_ = len(history)
        self.best_epoch_ = model.best_epoch
        self.loss_curve_ = [report["training_loss"] for report in history]
        losses = [report["validation_loss"] for report in history]
        self.validation_loss_curve_ = None if None in losses else losses
        watched = self.validation_loss_curve_ or self.loss_curve_
        self.best_loss_ = watched[model.best_epoch - 1] if model.best_epoch else None
        self.findings_ = model.findings
        self.lottery_ = model.lottery
        dense = {}
        for name, values in model.parameters().items():
            _, layer, kind = name.split(".")
            if kind in ("weight", "bias") and "dense" in model.layers[int(layer)]:
                dense.setdefault(layer, {})[kind] = values
        self.coefs_ = [layer["weight"] for layer in dense.values()]
        self.intercepts_ = [layer["bias"] for layer in dense.values() if "bias" in layer]
        self.n_layers_ = len(self.coefs_) + 1
        self.n_outputs_ = self.coefs_[-1].shape[1]

    def _predicted(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        # What is odd about the rows, model_.predict says.
        return self.model_._native.predict(to_table(self._columns(X, reset=False)))[0]


class MLPClassifier(ClassifierMixin, _MLP):
    """A neural network that tells classes apart.

    Parameters: ``hidden_layer_sizes``, ``activation``, ``recipe``, ``optimizer``, ``learning_rate``, ``weight_decay``, ``dropout``,
    ``batch_size``, ``epochs``, ``patience``, ``validation_fraction``, ``restarts``, ``ensemble``, ``class_weight`` (None,
    ``"balanced"`` or a dictionary), ``warm_start`` (a further ``fit`` goes on with the weights of the last), ``random_state``,
    ``threads``, and ``settings``, a dictionary of any other of ``glassnet.train``.

    After ``fit``: ``classes_``, ``model_`` (the ``glassnet.Model``), ``findings_``, ``coefs_`` (each (n_in, n_out)), ``intercepts_``,
    ``loss_curve_``, ``validation_loss_curve_``, ``best_epoch_``, ``best_loss_``, ``n_iter_``, ``lottery_``.

    >>> from glassnet import MLPClassifier
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]] * 5, [0, 1, 1, 0] * 5
    >>> classifier = MLPClassifier((4,), recipe="plain", dropout=0, restarts=8).fit(X, y)
    >>> classifier.score(X, y)
    1.0
    """

    def __init__(
        self,
        hidden_layer_sizes=None,
        activation=None,
        *,
        recipe="strong",
        optimizer=None,
        learning_rate=None,
        weight_decay=None,
        dropout=None,
        batch_size=None,
        epochs=None,
        patience=None,
        validation_fraction=None,
        restarts=None,
        ensemble=1,
        class_weight=None,
        warm_start=False,
        random_state=0,
        threads=None,
        settings=None,
    ):
        super().__init__(
            hidden_layer_sizes,
            activation,
            recipe=recipe,
            optimizer=optimizer,
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            dropout=dropout,
            batch_size=batch_size,
            epochs=epochs,
            patience=patience,
            validation_fraction=validation_fraction,
            restarts=restarts,
            ensemble=ensemble,
            warm_start=warm_start,
            random_state=random_state,
            threads=threads,
            settings=settings,
        )
        self.class_weight = class_weight

    def fit(self, X, y, sample_weight=None, *, X_val=None, y_val=None, sample_weight_val=None):
        """Trains on rows X, (n_samples, n_features), of classes y. ``sample_weight``, (n_samples,), says how much each row counts in
        the loss; only ratios matter. ``X_val`` and ``y_val`` validate instead of a part of the rows, by ``sample_weight_val``."""
        inputs = self._inputs(X, y)
        y = column_or_1d(y, warn=True)
        check_classification_targets(y)
        classes = np.unique(y)
        if not self._goes_on():
            self.classes_ = classes
        elif unknown := np.setdiff1d(classes, self.classes_).tolist():
            raise ValueError(f"warm_start: y has classes that the first fit had not: {unknown}. Fit anew, with all of them")
        indices = np.searchsorted(self.classes_, y)
        if len(self.classes_) < 2:
            raise ValueError(f"MLPClassifier needs at least two classes, and y has only one class: {self.classes_[0]!r}")
        validation = None
        if X_val is not None:
            y_val = column_or_1d(y_val, warn=True)
            if unknown := np.setdiff1d(y_val, self.classes_).tolist():
                raise ValueError(f"y_val has classes that y has not: {unknown}")
            validation = (X_val, {"y": _labels(np.searchsorted(self.classes_, y_val))}, sample_weight_val)
        self._fit(inputs, {"y": _labels(indices)}, sample_weight, validation, "classification")
        self._order = [int(name[1:]) for name in self.model_.class_names]
        return self

    def _weights(self, by_class: dict) -> dict[str, float]:
        """By the names that the core knows."""
        places = {label: place for place, label in enumerate(self.classes_.tolist())}
        unknown = [label for label in by_class if label not in places]
        if unknown:
            raise ValueError(f"class_weight has {unknown[0]!r}, which is no class. There is: {list(places)}")
        return {f"c{places[label]}": float(weight) for label, weight in by_class.items()}

    def predict_proba(self, X):
        """The probability of each of ``classes_``, shape (n_samples, n_classes)."""
        probabilities = self._predicted(X)
        ordered = np.zeros((len(probabilities), len(self.classes_)), dtype=probabilities.dtype)
        ordered[:, self._order] = probabilities
        return ordered

    def predict(self, X):
        """The most probable of ``classes_``, shape (n_samples,)."""
        most_probable = self.predict_proba(X).argmax(axis=1)
        return self.classes_[most_probable]


class MLPRegressor(RegressorMixin, _MLP):
    """A neural network that predicts numbers, one or several a row.

    Parameters as of ``MLPClassifier``, with ``objective`` instead of ``class_weight``: None for the squared error, ``"poisson"`` for
    counts, ``"quantile"`` (then ``predict`` gives the 0.1, 0.5 and 0.9 quantiles, or those of ``settings={"quantiles": [...]}``).
    """

    def __init__(
        self,
        hidden_layer_sizes=None,
        activation=None,
        *,
        recipe="strong",
        optimizer=None,
        learning_rate=None,
        weight_decay=None,
        dropout=None,
        batch_size=None,
        epochs=None,
        patience=None,
        validation_fraction=None,
        restarts=None,
        ensemble=1,
        objective=None,
        warm_start=False,
        random_state=0,
        threads=None,
        settings=None,
    ):
        super().__init__(
            hidden_layer_sizes,
            activation,
            recipe=recipe,
            optimizer=optimizer,
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            dropout=dropout,
            batch_size=batch_size,
            epochs=epochs,
            patience=patience,
            validation_fraction=validation_fraction,
            restarts=restarts,
            ensemble=ensemble,
            warm_start=warm_start,
            random_state=random_state,
            threads=threads,
            settings=settings,
        )
        self.objective = objective

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.single_output = True
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X, y, sample_weight=None, *, X_val=None, y_val=None, sample_weight_val=None):
        """Trains on rows X, (n_samples, n_features), of numbers y, (n_samples,) or (n_samples, n_outputs). ``sample_weight``,
        (n_samples,), says how much each row counts in the loss; only ratios matter. ``X_val`` and ``y_val`` validate instead of a
        part of the rows, by ``sample_weight_val``."""
        inputs = self._inputs(X, y)
        validation = None if X_val is None else (X_val, _numbers(y_val), sample_weight_val)
        targets = _numbers(y)
        self._is_flat = list(targets) == ["y"]
        self._fit(inputs, targets, sample_weight, validation, "regression")
        return self

    def predict(self, X):
        """The number of each row, in the shape of y."""
        predicted = self._predicted(X)
        return predicted[:, 0] if self._is_flat and predicted.shape[1] == 1 else predicted


def _dtypes(X: Any) -> list:
    """The kinds of a DataFrame's columns; of anything else none."""
    if not (hasattr(X, "columns") and hasattr(X, "dtypes")):
        return []
    return [kind if isinstance(kind, np.dtype) or hasattr(kind, "numpy_dtype") else np.dtype(object) for kind in X.dtypes]


def _weights(weights: Any, columns: dict[str, Any]) -> np.ndarray:
    """A weight for each row."""
    rows = next(iter(columns.values()))
    return _check_sample_weight(weights, rows, dtype=np.float64, ensure_non_negative=True)


def _labels(indices: np.ndarray) -> list[str]:
    """Classes under names that the core takes for no number."""
    return [f"c{index}" for index in indices]


def _numbers(y: Any) -> dict[str, np.ndarray]:
    """Targets by name."""
    y = check_array(y, ensure_2d=False, dtype=np.float64, input_name="y")
    if y.ndim == 1:
        return {"y": y}
    return {f"y{i}": y[:, i] for i in range(y.shape[1])}
