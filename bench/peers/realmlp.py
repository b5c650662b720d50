"""Fit seconds of pytabkit's RealMLP-TD on the rows of one file, stopping by those of another, and its error on a third's.

    realmlp.py TRAIN VAL TEST --target COLUMN [--drop A,B] [--category A,B] [--threads N] [--seed N]

For classes without label smoothing and with the epoch of the least log-loss, as glassnet does it. Missing numbers, which
pytabkit refuses, become the mean, beside a category that says that they were missing.
"""

import argparse
import json
import time

import numpy as np
import pandas as pd
from pytabkit import RealMLP_TD_Classifier, RealMLP_TD_Regressor


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs=3)
    parser.add_argument("--target", required=True)
    for name in ("--drop", "--category"):
        parser.add_argument(name, default="", type=lambda text: text.split(","))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def inputs(tables, named):
    """Inputs of each part, numbers complete and categories as text, and the names of the categories."""
    train = tables[0]
    parts = [pd.DataFrame(index=table.index) for table in tables]
    categories = []
    for column in train.columns:
        is_category = column in named or not pd.api.types.is_numeric_dtype(train[column])
        was_missing = not is_category and train[column].isna().any()
        for part, table in zip(parts, tables):
            if is_category:
                part[column] = table[column].map(lambda cell: "" if pd.isna(cell) else str(cell)).astype(object)
            else:
                part[column] = table[column].fillna(train[column].mean()).astype(np.float32)
                if was_missing:
                    part[column + " is missing"] = table[column].isna().map(str).astype(object)
        categories += [column] if is_category else [column + " is missing"] if was_missing else []
    return parts, categories


def main():
    options = arguments()
    marks = {"na_values": ["", "NA", "NaN", "?", "null", " "], "keep_default_na": False}
    tables = [pd.read_csv(file, **marks).drop(columns=[c for c in options.drop if c]) for file in options.files]
    targets = [table.pop(options.target) for table in tables]
    (train, val, test), categories = inputs(tables, options.category)
    is_number = pd.api.types.is_numeric_dtype(targets[0]) and targets[0].nunique() > 2
    y_train, y_val, y_test = (y.to_numpy(np.float32) if is_number else y.map(str).to_numpy(object) for y in targets)
    common = {"device": "cpu", "random_state": options.seed, "n_threads": options.threads}
    if is_number:
        model = RealMLP_TD_Regressor(**common)
    else:
        model = RealMLP_TD_Classifier(**common, use_ls=False, val_metric_name="cross_entropy")
    start = time.perf_counter()
    model.fit(train, y_train, X_val=val, y_val=y_val, cat_col_names=categories)
    seconds = time.perf_counter() - start
    if is_number:
        error = float(np.sqrt(np.mean((model.predict(test) - y_test) ** 2)))
    else:
        p = model.predict_proba(test)[np.arange(len(y_test)), np.searchsorted(model.classes_, y_test)]
        error = float(-np.log(np.maximum(p, 1e-15)).mean())
    print(json.dumps({"seconds": seconds, "error": error}))


main()
