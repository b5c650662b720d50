"""Test metrics of glassnet's defaults beside other systems' on fixed splits of real tables.

    cargo build --release && python3 bench/compare.py DATA [TABLE …]

DATA holds NAME/NAME.csv, splits/NAME_sSEED.csv.gz (row,part) and baselines.csv. Standard library only. glassnet trains on
the part `train`, stops early on `val`, and is measured on `test`, exactly as the others were.
"""

import csv
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

GLASSNET = pathlib.Path(__file__).parent.parent / "target/release/glassnet"
TARGETS = {
    "penguins": "species", "iris": "species", "wine": "cultivar", "breast_cancer": "diagnosis", "titanic": "survived",
    "telco_churn": "Churn", "adult": "income", "digits": "digit", "concrete": "strength", "wine_quality": "quality",
    "california_housing": "median_house_value",
}  # fmt: skip
FLAGS = {
    "titanic": ["--drop", "alive,class,who,adult_male,embark_town,alone", "--category", "pclass"],
    "telco_churn": ["--drop", "customerID"],
}
PEERS = ["sk_mlp", "sk_mlp_ystd", "realmlp_td_s", "realmlp_td", "tabm_d", "sk_hgb"]


def parts(data, name, seed, folder):
    """Writes the three parts as files of their own."""
    with gzip.open(data / f"splits/{name}_s{seed}.csv.gz", "rt") as file:
        part_of = {int(row["row"]): row["part"] for row in csv.DictReader(file)}
    with open(data / name / f"{name}.csv", newline="") as file:
        header, *rows = list(csv.reader(file))
    paths = {}
    for part in ("train", "val", "test"):
        paths[part] = folder / f"{part}.csv"
        with open(paths[part], "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(row for i, row in enumerate(rows) if part_of.get(i) == part)
    return paths


def run(*arguments):
    done = subprocess.run([GLASSNET, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{arguments}\n{done.stderr}")
    return json.loads(done.stdout)


def main():
    data, names = pathlib.Path(sys.argv[1]), sys.argv[2:] or list(TARGETS)
    with open(data / "baselines.csv", newline="") as file:
        baselines = {(row["dataset"], row["seed"], row["model"]): row for row in csv.DictReader(file)}
    for name in names:
        for seed in ("0", "1", "2"):
            with tempfile.TemporaryDirectory() as folder:
                folder = pathlib.Path(folder)
                paths = parts(data, name, seed, folder)
                model = folder / "model.safetensors"
                arguments = ["train", paths["train"], "--target", TARGETS[name], "--validation", paths["val"]]
                trained = run(*arguments, "--out", model, "--json", "--quiet", *FLAGS.get(name, []))
                metrics = run("evaluate", model, paths["test"], "--json")["metrics"]
            shown = [("rmse", "rmse")] if "rmse" in metrics else [("accuracy", "accuracy"), ("log_loss", "logloss")]
            line = [f"{name:18} split {seed}  {trained['epochs']:3} epochs {trained['seconds']:6.2f} s"]
            for ours, theirs in shown:
                metric = metrics[ours]
                line.append(f" {ours} {metric['value']:.5g} [{metric['low']:.5g}, {metric['high']:.5g}]")
                for peer in PEERS:
                    row = baselines.get((name, seed, peer))
                    if row and row[theirs]:
                        line.append(f"{peer} {float(row[theirs]):.5g}")
            print("  ".join(line), flush=True)


main()
