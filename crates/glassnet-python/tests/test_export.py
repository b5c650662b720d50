"""Exported models beside glassnet's own predictions: ONNX files in ONNX Runtime, C headers by the compiler."""

import json
import shutil
import subprocess
import warnings

import glassnet
import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest

SETTINGS = {"epochs": 3, "seed": 5}


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Columns of every kind, four of them with missing cells."""
    rng = np.random.default_rng(1)
    n = 240
    frame = pd.DataFrame(
        {
            "size (cm)": rng.normal(50, 9, n).round(2),
            "count": rng.poisson(3, n),
            "sure": rng.choice(["yes", "no"], n),
            "colour": rng.choice(["red", 'light "blue"', "grün?", "a\\b"], n),
            # More levels than have inputs of their own in the plain recipe.
            "town": [f"town {i}" for i in rng.permutation(np.arange(2 * n) % 120)[:n]],
            "grade": rng.choice([1, 2.5, 3], n),
            "int": rng.normal(size=n).round(3),
        }
    )
    score = 0.1 * frame["size (cm)"] + frame["int"] + (frame["sure"] == "yes") + rng.normal(size=n)
    frame["kind"] = pd.cut(score, 3, labels=["low", "middle", "high"]).astype(str)
    frame["passed"] = np.where(score > 5.5, 1, 0)
    frame["score"] = score.round(3)
    frame["visits"] = rng.poisson(np.exp(frame["int"] / 3))
    frame.loc[rng.choice(n, 20, replace=False), "size (cm)"] = np.nan
    frame.loc[rng.choice(n, 20, replace=False), "sure"] = None
    frame.loc[rng.choice(n, 20, replace=False), "colour"] = None
    frame.loc[rng.choice(n, 20, replace=False), "town"] = None
    frame.loc[rng.choice(n, 20, replace=False), "count"] = -999
    return frame


@pytest.fixture(scope="module")
def strange(table) -> pd.DataFrame:
    """Rows with what training did not have: other levels, numbers far away, everything missing."""
    rows = table.head(40).copy()
    rows.loc[0:9, "town"] = "nowhere"
    rows.loc[5:14, "colour"] = "no colour"
    rows.loc[10:19, "grade"] = 7
    rows.loc[15:24, "int"] = [1e6, -1e6, 1e30, -1e30, 0] * 2
    rows.loc[20:29, "sure"] = "maybe"
    rows.loc[25:34, ["size (cm)", "count", "grade", "int"]] = np.nan
    rows.loc[25:34, ["sure", "colour", "town"]] = None
    return pd.concat([table, rows], ignore_index=True)


TARGETS = ["kind", "passed", "score", "visits"]

CASES = {
    "classes": ("kind", {}),
    "two classes": ("passed", {}),
    "an ensemble": ("kind", {"ensemble": 3, "temperature_scaling": "full"}),
    "an ensemble of two classes": ("passed", {"ensemble": 2, "temperature_scaling": "full"}),
    "numbers": ("score", {}),
    "several numbers": (["score", "visits"], {"ensemble": 2}),
    "quantiles": ("score", {"objective": "quantile", "ensemble": 2}),
    "counts": ("visits", {"objective": "poisson", "ensemble": 2}),
    "plain classes": ("kind", {"recipe": "plain"}),
    "plain quantiles": ("score", {"recipe": "plain", "objective": "quantile"}),
    "truth values": ("kind", {"recipe": "plain", "category": "grade"}),
    "numbers that mean missing": ("kind", {"missing": ["?", "-999"]}),
    "plain numbers that mean missing": ("kind", {"missing": ["?", "-999"], "recipe": "plain", "category": "count"}),
    "plain, standardised, that mean missing": ("score", {"missing": ["?", "-999"], "recipe": "plain"}),
    "levels that are numbers": ("kind", {"category": ["grade", "count"]}),
}
for _name in "identity sigmoid tanh relu leaky_relu elu selu gelu mish softplus".split():
    CASES[_name] = ("kind", {"activation": _name})


@pytest.fixture(scope="module", params=CASES, ids=list(CASES))
def case(request, table, strange):
    """A model, rows for it, and what it says of them."""
    target, choices = CASES[request.param]
    targets = [target] if isinstance(target, str) else target
    drop = [name for name in TARGETS if name not in targets]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = glassnet.train(table.drop(columns=drop), target, **SETTINGS, **choices)
        rows = strange.drop(columns=TARGETS)
        said = model.predict_proba(rows) if model.class_names else model.predict(rows)
        labels = model.predict(rows) if model.class_names else None
    return model, rows, np.asarray(said, float).reshape(len(rows), -1), labels


def as_texts(column: pd.Series) -> list[str | None]:
    return [None if value is None or value != value else str(value) for value in column]


def test_onnx_runtime_says_the_same(case, tmp_path):
    model, rows, said, labels = case
    model.export(tmp_path / "model.onnx")
    onnx.checker.check_model(onnx.load(tmp_path / "model.onnx"), full_check=True)
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])

    def outputs(rows: pd.DataFrame) -> dict:
        feeds = {}
        for taken in session.get_inputs():
            if taken.type == "tensor(float)":
                feeds[taken.name] = rows[[taken.name]].to_numpy(np.float32)
            else:
                texts = [text or "" for text in as_texts(rows[taken.name])]
                feeds[taken.name] = np.array(texts, dtype=object)[:, None]
        return dict(zip([output.name for output in session.get_outputs()], session.run(None, feeds)))

    given = outputs(rows)
    if labels is not None:
        np.testing.assert_array_equal(given["label"].astype(str), np.asarray(labels).astype(str))
        assert (given["label"].dtype == np.int64) == (model.target_names == ["passed"])
    name = "probabilities" if labels is not None else "quantiles" if "quantiles" in given else "prediction"
    np.testing.assert_allclose(given[name], said, rtol=2e-5, atol=2e-6)
    np.testing.assert_allclose(outputs(rows.head(1))[name], said[:1], rtol=2e-5, atol=2e-6)


def spelt(value: object, is_number: bool) -> str:
    if is_number:
        return "NAN" if value != value else repr(float(value))
    return "NULL" if value is None or value != value else json.dumps(str(value), ensure_ascii=False)


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
def test_the_c_compiler_says_the_same(case, command, tmp_path):
    model, rows, said, labels = case
    model.save(tmp_path / "m.safetensors")
    header = tmp_path / "a model.h"
    told = command("export", tmp_path / "m.safetensors", "--to", "c", "--out", header)
    by_command = header.read_bytes()
    model.export(header)
    assert header.read_bytes() == by_command
    fields = [(taken["column"], taken["name"], taken["type"] == "number") for taken in told["takes"]]
    struct = [
        ", ".join(f".{name} = {spelt(row[column], is_number)}" for column, name, is_number in fields)
        for _, row in rows.iterrows()
    ]
    n = said.shape[1]
    label = 'printf("%s\\t", a_model_classes[a_model_predict(&rows[i], p)]);' if labels is not None else "a_model_predict(&rows[i], p);"
    lines = ",\n".join(f"{{{row}}}" for row in struct)
    program = f"""#include <stdio.h>
#include "a model.h"
static const a_model_row rows[] = {{{lines}}};
int main(void) {{
    double p[{n}];
    int i, j;
    for (i = 0; i < {len(rows)}; i++) {{
        {label}
        for (j = 0; j < {n}; j++) printf("%.9g ", p[j]);
        printf("\\n");
    }}
    return 0;
}}
"""
    (tmp_path / "main.c").write_text(program, encoding="utf-8")
    strict = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror"]
    compiled = ["cc", *strict, "-o", tmp_path / "main", tmp_path / "main.c", "-lm"]
    subprocess.run(compiled, check=True)
    printed = subprocess.run([tmp_path / "main"], check=True, capture_output=True, text=True).stdout
    given = [line.split("\t") for line in printed.splitlines()]
    if labels is not None:
        assert [line[0] for line in given] == [str(label) for label in labels]
    numbers = [[float(number) for number in line[-1].split()] for line in given]
    np.testing.assert_allclose(numbers, said, rtol=2e-5, atol=2e-6)


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
def test_the_program_of_the_docs_runs(penguins, root, tmp_path):
    program = (root / "docs/export.md").read_text(encoding="utf-8").split("```c\n")[1].split("```")[0]
    (tmp_path / "penguin.c").write_text(program, encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = glassnet.train(penguins, "species", epochs=20)
    model.export(tmp_path / "penguins.h")
    subprocess.run(["cc", "-Wall", "-Werror", "-o", tmp_path / "penguin", tmp_path / "penguin.c", "-lm"], check=True)
    printed = subprocess.run([tmp_path / "penguin"], check=True, capture_output=True, text=True).stdout
    row = {"island": "Biscoe", "bill_length_mm": 46.1, "bill_depth_mm": 13.2, "flipper_length_mm": 211, "body_mass_g": np.nan, "sex": "FEMALE"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        probabilities = model.predict_proba(pd.DataFrame([row]))[0]
    assert printed == f"Gentoo, {probabilities.max():.3f}\n"


def test_other_endings_are_refused(case, tmp_path):
    with pytest.raises(ValueError, match=r"must end in .onnx or .h"):
        case[0].export(tmp_path / "model.pt")
