"""The package beside the command: the same files, the same numbers, the same findings; and what it says of bad input."""

import pickle
import signal
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import glassnet
import numpy as np
import pandas as pd
import polars as pl
import pytest
from glassnet._data import _cells, to_table
from glassnet.sklearn import MLPClassifier

QUICK = {"recipe": "plain", "epochs": 5, "restarts": 1, "seed": 3}


@pytest.fixture(scope="module")
def model(penguins):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return glassnet.train(penguins, "species", **QUICK)


def test_a_file_and_a_data_frame_give_the_command_s_bits(command, penguins, tmp_path):
    path = tmp_path / "model.safetensors"
    flags = ["--recipe", "plain", "--epochs", 5, "--restarts", 1, "--seed", 3, "--out", path]
    told = command("train", penguins, "--target", "species", *flags)
    of_command = glassnet.load(path)
    for table in (penguins, [penguins], pd.read_csv(penguins), dict(pd.read_csv(penguins)), pl.read_csv(penguins)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            trained = glassnet.train(table, "species", **QUICK)
        for name, values in of_command.parameters().items():
            np.testing.assert_array_equal(trained.parameters()[name], values)
        assert trained.history[trained.best_epoch - 1]["validation_loss"] == told["validation_loss"]
        assert trained.findings == told["findings"]
        assert trained.evaluation["metrics"] == told["metrics"]


def test_the_command_reads_what_python_writes(command, model, penguins, tmp_path):
    path = tmp_path / "model.safetensors"
    model.save(path)
    assert command("evaluate", path, penguins)["metrics"] == model.evaluate(penguins)["metrics"]
    assert command("diagnose", path)["findings"] == model.findings
    told, own = command("explain", path, penguins, "--row", 5), model.explain(penguins, row=4)
    assert told["row"] == 5 and own["row"] == 4
    assert told["trace"] == own["trace"] and told["attributions"] == own["attributions"]


def test_a_model_is_its_file(model, penguins, tmp_path):
    path = tmp_path / "model.safetensors"
    model.save(path)
    assert path.read_bytes() == model.to_bytes()
    for same in (glassnet.load(path), pickle.loads(pickle.dumps(model)), glassnet.Model.from_bytes(path.read_bytes())):
        np.testing.assert_array_equal(same.predict_proba(penguins), model.predict_proba(penguins))
    assert list(model.predict(penguins)) == [model.class_names[k] for k in model.predict_proba(penguins).argmax(axis=1)]


def test_an_epoch_at_a_time_is_the_same_training(model, penguins):
    training = glassnet.Training(penguins, "species", **QUICK)
    assert training.about["n_epochs"] == 5
    reports = list(training)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        stepped = training.finish()
    assert reports == model.history == stepped.history
    assert stepped.to_bytes() == model.to_bytes()
    with pytest.raises(ValueError, match="has been finished"):
        training.advance()


def test_the_tutorial_s_network_has_the_lesson_s_bits(command):
    lesson = command("lesson", "two-layers")
    rows = {"x1": [0, 0, 1, 1], "x2": [0, 1, 0, 1], "x3": [1, 1, 1, 1], "y": [0, 1, 1, 0]}
    network = glassnet.Network(rows, "y", recipe="seed")
    start = network.parameters()
    assert start["layers.0.weight"].tolist() == lesson["initial_weights_0_1"]
    assert start["layers.1.weight"].tolist() == lesson["initial_weights_1_2"]
    network.train(10**9)
    end = network.parameters()
    assert end["layers.0.weight"].tolist() == lesson["weights_0_1"]
    assert end["layers.1.weight"].tolist() == lesson["weights_1_2"]
    x, y = network.rows
    assert network.forward(x).tolist() == lesson["outputs"]
    assert y.tolist() == [[0], [1], [1], [0]]
    # The core teaches with half of the squared error.
    assert 2 * network.loss == lesson["loss"]


def test_every_number_of_a_step_follows_from_the_others():
    rows = {"x1": [0, 0, 1, 1], "x2": [0, 1, 0, 1], "x3": [1, 1, 1, 1], "y": [0, 1, 1, 0]}
    network = glassnet.Network(rows, "y", recipe="seed", learning_rate=0.5)
    traced = network.trace(1)
    first, last = (layer for layer in traced["layers"])
    parameters = network.parameters()
    x = np.array([0.0, 1.0, 1.0])
    z = x @ parameters["layers.0.weight"]
    np.testing.assert_allclose(first["z"], z, rtol=1e-12)
    np.testing.assert_allclose(first["a"], 1 / (1 + np.exp(-z)), rtol=1e-12)
    error = np.array(last["a"]) - 1
    delta = error * last["a"] * (1 - np.array(last["a"]))
    np.testing.assert_allclose(last["delta"], delta, rtol=1e-10)
    gradient = np.outer(first["a"], delta)
    [weight] = last["parameters"]
    np.testing.assert_allclose(np.reshape(weight["gradient"], weight["shape"]), gradient, rtol=1e-10)
    network.step(1)
    np.testing.assert_allclose(network.parameters()["layers.1.weight"].ravel(), weight["after"], rtol=1e-15)
    # The pulls are the rows' own negative gradients.
    pulled = network.pulls()
    assert pulled.shape == (4, 16)
    network.set_parameters(layers_1_weight=np.zeros((4, 1)))
    np.testing.assert_allclose(network.forward([x]), [[0.5]])
    with pytest.raises(ValueError, match="has the shape"):
        network.set_parameters(layers_1_weight=[1.0])


def test_findings_are_told_and_kept():
    rows = {"a": [0, 0, 1, 1], "b": [0, 1, 0, 1], "xor": ["no", "yes", "yes", "no"]}
    with pytest.warns(glassnet.TrainingWarning, match="not_linearly_separable"):
        model = glassnet.train(rows, "xor", recipe="plain", hidden_layer_sizes=[], validation_fraction=0)
    first = model.findings[0]
    assert first["code"] == "not_linearly_separable" and first["severity"] == "error"
    assert set(first) == {"code", "severity", "message", "evidence", "remedy"}
    assert model.diagnose(rows)[0]["code"] == "not_linearly_separable"
    code, after = model.try_fix(rows)
    assert code == "not_linearly_separable" and after.settings["hidden_layer_sizes"] == [8]
    assert list(after.predict(rows)) == rows["xor"]
    assert all(finding["severity"] != "error" for finding in after.findings)
    with pytest.raises(ValueError, match="is not the table that trained the model"):
        model.try_fix({**rows, "a": [0, 0, 1, 2]})


def test_restarts_are_reported():
    rows = {"a": [0, 0, 1, 1], "b": [0, 1, 0, 1], "xor": ["no", "yes", "yes", "no"]}
    model = glassnet.train(rows, "xor", recipe="plain", hidden_layer_sizes=(2,), validation_fraction=0, restarts=20, dropout=0)
    assert model.lottery["starts"] == 20 and 0 < model.lottery["solved"] <= 20
    assert list(model.predict(rows)) == ["no", "yes", "yes", "no"]
    assert model.figure("starts").svg().startswith("<svg")


def test_several_targets_and_quantiles():
    x = np.arange(60.0)
    rows = {"x": x, "double": 2 * x, "minus": -x}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        both = glassnet.train(rows, ["double", "minus"], recipe="plain", epochs=3)
        quantiles = glassnet.train(rows, "double", recipe="plain", epochs=3, drop=["minus"], quantiles=[0.1, 0.9])
    assert both.predict(rows).shape == (60, 2) and both.target_names == ["double", "minus"]
    assert quantiles.predict(rows).shape == (60, 2) and quantiles.quantiles == [0.1, 0.9]
    assert (np.diff(quantiles.predict(rows), axis=1) >= 0).all()


def test_figures_and_importance(model, penguins, tmp_path):
    columns = ("bill_length_mm", "body_mass_g")
    figures = [model.figure(what) for what in ("loss", "network")]
    figures += [model.figure(what, penguins) for what in ("activations", "errors")]
    figures.append(model.figure("boundary", penguins, columns=columns))
    for number, figure in enumerate(figures):
        assert figure.title and figure.svg().startswith("<svg")
        path = tmp_path / f"{number}.png"
        figure.save(path, width=200)
        assert path.read_bytes().startswith(b"\x89PNG")
    importance = model.importance(penguins)
    assert {one["column"] for one in importance} == set(model.input_names)
    assert [one["rise"] for one in importance] == sorted((one["rise"] for one in importance), reverse=True)
    assert "<html" in model.report


def test_decimal_commas_are_understood_where_asked_for(tmp_path):
    path = tmp_path / "commas.csv"
    path.write_text("a;b\n1,5;1\n-2,25;2,5\n1.000,5;4\n")
    with pytest.raises(ValueError, match="decimal-comma"):
        glassnet.schema(path)
    columns = glassnet.schema(path, decimal_comma=True)["columns"]
    assert [column["range"] for column in columns] == [[-2.25, 1000.5], [1, 4]]


def test_text_may_be_in_a_named_encoding(tmp_path):
    path = tmp_path / "towns.csv"
    path.write_bytes("市,x,y\n育樂,1,2\n許,2,1\n".encode("cp950"))
    table = glassnet.read_table(path, encoding="cp950")
    assert [level["name"] for level in glassnet.schema(table)["columns"][0]["levels"]] == ["育樂", "許"]
    with pytest.raises(ValueError, match="not text in UTF-8"):
        glassnet.read_table(path)
    with pytest.raises(ValueError, match="encoding \"big6\": no such encoding"):
        glassnet.read_table(path, encoding="big6")


def test_what_a_cell_may_be():
    frame = pd.DataFrame(
        {
            "number": [1.5, None, 3.0, 1e300],
            "whole": pd.array([1, None, 3, 4], dtype="Int64"),
            "text": ["a", None, "c", "<script>"],
            "kind": pd.Categorical(["x", "y", None, "x"]),
            "flag": [True, False, True, True],
            "when": pd.to_datetime(["2024-01-01", None, "2024-02-03", "2024-02-04"]),
            "large": [2**60, 1, 2, 3],
        }
    )
    np.testing.assert_array_equal(_cells(frame["number"]), [1.5, np.nan, 3.0, 1e300])
    as_text = {name: [None if c is None or c != c else str(c) for c in _cells(frame[name])] for name in frame}
    assert to_table(frame).cells("whole") == ["1", "", "3", "4"]
    assert as_text["text"] == ["a", None, "c", "<script>"]
    assert as_text["kind"] == ["x", "y", None, "x"]
    assert as_text["flag"] == ["True", "False", "True", "True"]
    assert as_text["when"][1] is None and as_text["when"][2].startswith("2024-02-03")
    assert as_text["large"][0] == str(2**60)
    # Numbers reach the core to the bit.
    values = np.array([0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0, 1e16, 123456789.125])
    texts = to_table({"v": values}).cells("v")
    assert np.array([float(text) for text in texts]).tobytes() == values.tobytes()
    assert texts[5] == "1e16" and texts[6] == "123456789.125"
    assert to_table(np.array([[3.0, np.nan]])).cells("x0") == ["3"]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda p: glassnet.train(p, "specie"), ValueError, "did you mean `species`"),
        (lambda p: glassnet.train(p), ValueError, "name the column to learn"),
        (lambda p: glassnet.train("nowhere.csv", "y"), FileNotFoundError, "nowhere.csv"),
        (lambda p: glassnet.train(p, "species", epoch=3), ValueError, "did you mean `epochs`"),
        (lambda p: glassnet.train(p, "species", epochs="many"), ValueError, "epochs = \"many\""),
        (lambda p: glassnet.train(p, "species", epochs=0), ValueError, "epochs = 0: must be 1 or above"),
        (lambda p: glassnet.train(p, "species", recipe="mild"), ValueError, "there is strong, plain, seed"),
        (lambda p: glassnet.train({"a": [1, 2], "b": [1]}, "a"), ValueError, "same length"),
        (lambda p: glassnet.train(np.zeros(3), "x0"), ValueError, "two dimensions"),
        (lambda p: glassnet.load(p), ValueError, "is not a usable model"),
        (lambda p: glassnet.Model.from_bytes(b"\x00" * 64), ValueError, "not a model"),
        (lambda p: glassnet.Network(p, "species").trace(10_000), ValueError, "the rows that train are 0 to"),
    ],
)
def test_bad_input_is_named(call, error, words, penguins):
    with pytest.raises(error) as raised:
        call(penguins)
    assert words in str(raised.value)


def test_bad_rows_are_named(model, penguins):
    frame = pd.read_csv(penguins)
    with pytest.raises(ValueError, match="body_mass_g"):
        model.predict(frame.drop(columns="body_mass_g"))
    frame = frame.astype({"body_mass_g": object})
    frame.loc[2, "body_mass_g"] = "heavy"
    with pytest.raises(ValueError, match="heavy"):
        model.predict(frame)
    with pytest.raises(ValueError, match="has the rows 0 to"):
        model.explain(penguins, row=344)
    far = pd.read_csv(penguins).head(3).assign(body_mass_g=1e6)
    with pytest.warns(glassnet.DataWarning, match="body_mass_g"):
        model.predict(far)


def test_warnings_stand_where_the_package_was_called(penguins, tmp_path):
    headless = tmp_path / "headless.csv"
    headless.write_text("".join(f"{i % 7 + 0.5},{'ab'[i % 2]}\n" for i in range(40)))
    far = pd.read_csv(penguins).head(3).assign(body_mass_g=1e6)
    rows = np.arange(60.0).reshape(30, 2)
    with pytest.warns() as told:
        glassnet.train(headless, "column_2", epochs=1)
        glassnet.train(penguins, "species", epochs=1).predict(far)
        MLPClassifier(epochs=1).fit(rows, rows[:, 0] > 29)
    assert {Path(one.filename).name for one in told} == {"test_package.py"}
    texts = [str(one.message) for one in told]
    assert any(text.startswith("the first line looks like data") for text in texts), texts
    assert any(text.startswith("column `body_mass_g` has 3 numbers outside") for text in texts), texts


@pytest.fixture
def interruptible():
    """Where a shell ran this in the background, SIGINT is ignored, and Python has no handler."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupted_training_keeps_the_best_so_far(penguins):
    timer = threading.Timer(0.5, signal.raise_signal, [signal.SIGINT])
    timer.start()
    with pytest.warns(glassnet.TrainingWarning, match="was interrupted"):
        model = glassnet.train(penguins, "species", recipe="plain", epochs=10**7, patience=None)
    assert 0 < model.best_epoch <= len(model.history) < 10**7
    assert len(model.predict(penguins)) == 344


@pytest.mark.usefixtures("interruptible")
def test_a_training_goes_on_after_an_interruption():
    rows = np.random.default_rng(0).normal(size=(20_000, 3))
    training = glassnet.Training(rows, "x2", ensemble=2, epochs=10**7, patience=None)
    threading.Timer(0.5, signal.raise_signal, [signal.SIGINT]).start()
    with pytest.raises(KeyboardInterrupt):
        while training.advance(0):
            pass
    n_done = training.about["n_epochs_done"]
    assert [report["epoch"] for report in training.advance(0)] == [n_done + 1]


def test_a_model_trains_on(command, model, penguins, tmp_path):
    path = tmp_path / "model.safetensors"
    model.save(path)
    later = glassnet.train(penguins, start_from=model, epochs=4, seed=3)
    assert later.settings["train"]["epochs"] == 4 and later.settings["recipe"] == model.settings["recipe"]
    from_file = glassnet.train(penguins, "species", start_from=path, epochs=4, seed=3)
    assert later.predict_proba(penguins).tolist() == from_file.predict_proba(penguins).tolist()
    command("train", str(penguins), "--start-from", str(path), "--epochs", "4", "--seed", "3", "--quiet", "--out", str(tmp_path / "m"))
    assert glassnet.load(tmp_path / "m").predict_proba(penguins).tolist() == later.predict_proba(penguins).tolist()
    for choices, words in [
        ({"target": "island"}, "the model predicts species"),
        ({"drop": ["island"]}, "Leave out drop"),
        ({"recipe": "strong"}, "recipe or scaling"),
        ({"schema": {}}, "Leave out schema"),
        ({"hidden_layer_sizes": [3]}, "the model's layers"),
    ]:
        with pytest.raises(ValueError, match=words):
            glassnet.train(penguins, start_from=model, **choices)


def test_importing_needs_no_scikit_learn():
    code = "import sys, glassnet; assert 'sklearn' not in sys.modules; assert 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
