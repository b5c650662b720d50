"""The estimators as scikit-learn's users and its own checks use them."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from glassnet import MLPClassifier, MLPRegressor
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

pytestmark = pytest.mark.filterwarnings("ignore::glassnet.TrainingWarning")


def not_expected(estimator):
    """What holds by full batches only, by which scikit-learn checks its own networks (lbfgs); the library's tests have that case."""
    reason = "rows come in batches, and some validate: a row of weight 2 is not exactly two rows"
    return {"check_sample_weight_equivalence_on_dense_data": reason}


@parametrize_with_checks(
    [MLPClassifier(recipe="plain"), MLPRegressor(recipe="plain"), MLPClassifier(epochs=20, hidden_layer_sizes=[32])],
    expected_failed_checks=not_expected,
)
def test_scikit_learn_s_own_checks(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        check(estimator)


def test_a_row_counts_by_its_weight():
    X, y = load_iris(return_X_y=True)
    is_wrong = np.arange(len(y)) % 4 != 0
    wrong, weights = np.where(is_wrong, (y + 1) % 3, y), np.where(is_wrong, 0.0, 2.5)
    clean = MLPClassifier(recipe="plain").fit(X, wrong, sample_weight=weights)
    assert clean.score(X, y) > 0.9 and MLPClassifier(recipe="plain").fit(X, wrong).score(X, y) < 0.5
    # Only ratios matter, and a third argument is the weights, as scikit-learn has it.
    again = MLPClassifier(recipe="plain").fit(X, wrong, 10 * weights)
    assert np.allclose(again.predict_proba(X), clean.predict_proba(X), atol=1e-6)
    X, y = load_diabetes(return_X_y=True)
    weights = (y > 150) + 0.0
    high = MLPRegressor(recipe="plain", epochs=30).fit(
        X[:300], y[:300], sample_weight=weights[:300], X_val=X[300:], y_val=y[300:], sample_weight_val=weights[300:]
    )
    alike = MLPRegressor(recipe="plain", epochs=30).fit(X[:300], y[:300], X_val=X[300:], y_val=y[300:])
    assert high.predict(X).mean() > alike.predict(X).mean() + 20
    assert high.predict(X[:5]).shape == (5,)
    with pytest.raises(ValueError, match="(?i)negative"):
        alike.fit(X, y, sample_weight=-np.ones(len(y)))
    with pytest.raises(ValueError, match="(?i)zero"):
        alike.fit(X, y, sample_weight=np.zeros(len(y)))


def test_iris_is_learnt_and_told_by_its_names():
    X, y = load_iris(return_X_y=True, as_frame=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    X_train, X_test, y_train, y_test = train_test_split(X, names, random_state=0, stratify=names)
    classifier = MLPClassifier(recipe="plain").fit(X_train, y_train)
    assert classifier.score(X_test, y_test) > 0.9
    assert list(classifier.classes_) == ["setosa", "versicolor", "virginica"]
    np.testing.assert_allclose(classifier.predict_proba(X_test).sum(axis=1), 1, rtol=1e-6)
    assert [coefficients.shape for coefficients in classifier.coefs_] == [(4, 64), (64, 64), (64, 3)]
    assert len(classifier.loss_curve_) == len(classifier.validation_loss_curve_) == classifier.n_iter_
    same = pickle.loads(pickle.dumps(classifier))
    np.testing.assert_array_equal(same.predict_proba(X_test), classifier.predict_proba(X_test))
    again = clone(classifier).fit(X_train, y_train)
    np.testing.assert_array_equal(again.predict_proba(X_test), classifier.predict_proba(X_test))


def test_unscaled_columns_need_no_care():
    random = np.random.default_rng(0)
    X = random.uniform(15_000, 20_000, size=(300, 3))
    y = X @ [1.0, -2.0, 0.5] + 7
    assert MLPRegressor(recipe="plain", restarts=1).fit(X[:200], y[:200]).score(X[200:], y[200:]) > 0.99


def test_iris_with_early_stopping_never_ends_early():
    X, y = load_iris(return_X_y=True)
    scores = [MLPClassifier((100,), recipe="plain", random_state=seed).fit(X, y).score(X, y) for seed in range(20)]
    assert min(scores) >= 0.9, scores


def test_a_data_frame_may_have_texts_and_gaps(penguins):
    frame = pd.read_csv(penguins)
    X, y = frame.drop(columns="species"), frame["species"]
    assert X.isna().any().any()
    classifier = MLPClassifier(recipe="plain").fit(X, y)
    assert classifier.score(X, y) > 0.95
    assert list(classifier.feature_names_in_) == list(X.columns)
    assert {column["name"] for column in classifier.model_.schema["columns"]} >= set(X.columns)
    with pytest.raises(ValueError, match="feature names"):
        classifier.predict(X.rename(columns={"island": "isle"}))


def test_rows_to_validate_on_may_be_given():
    X, y = load_diabetes(return_X_y=True)
    regressor = MLPRegressor(recipe="plain", epochs=10).fit(X[:300], y[:300], X_val=X[300:], y_val=y[300:])
    assert regressor.model_.evaluation["rows"] == len(X) - 300
    classifier = MLPClassifier(recipe="plain", epochs=2)
    with pytest.raises(ValueError, match="y_val has classes that y has not"):
        classifier.fit(X[:9], [0, 1, 2] * 3, X_val=X[9:11], y_val=[0, 3])


def test_it_goes_where_estimators_go():
    X, y = load_iris(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), MLPClassifier())
    assert cross_val_score(pipeline, X, y, cv=3).min() > 0.9
    # A network without an epoch's worth of steps cannot win.
    search = GridSearchCV(MLPClassifier(recipe="plain"), {"epochs": [1, 100]}, cv=StratifiedKFold(2, shuffle=True, random_state=0))
    assert search.fit(X, y).best_params_ == {"epochs": 100} and search.best_score_ > 0.85


def test_several_outputs_have_the_shape_of_y():
    X, y = load_diabetes(return_X_y=True)
    both = np.column_stack([y, -y])
    regressor = MLPRegressor(recipe="plain", epochs=20).fit(X, both)
    assert regressor.predict(X).shape == both.shape
    assert MLPRegressor(recipe="plain", epochs=2).fit(X, y).predict(X).shape == y.shape


@pytest.mark.parametrize("recipe", ["plain", "strong"])
def test_a_warm_start_goes_on(recipe):
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    first, second = np.arange(len(y)) % 2 == 0, np.arange(len(y)) % 2 == 1
    warm = MLPClassifier([16], recipe=recipe, epochs=15, validation_fraction=0.3, warm_start=True).fit(X[first], names[first])
    before = warm.coefs_
    # Steps of no length leave what was there.
    warm.set_params(learning_rate=1e-30).fit(X[second], names[second])
    assert all(np.array_equal(one, other) for one, other in zip(before, warm.coefs_))
    loss = warm.best_loss_
    warm.set_params(learning_rate=None, epochs=150).fit(X[second], names[second])
    assert warm.best_loss_ < loss / 2 and warm.score(X, names) > 0.9
    # Fewer classes are no matter, others are.
    warm.fit(X[50:], names[50:])
    assert list(warm.classes_) == ["setosa", "versicolor", "virginica"] and warm.predict_proba(X).shape == (150, 3)
    with pytest.raises(ValueError, match="classes that the first fit had not: \\['other'\\]"):
        warm.fit(X, np.where(y == 0, "other", names))
    with pytest.raises(ValueError, match="the first fit had no sample_weight"):
        warm.fit(X, names, np.ones(150))
    with pytest.raises(ValueError, match="layers"):
        clone(warm).fit(X, names).set_params(hidden_layer_sizes=[4]).fit(X, names)
    regressor = MLPRegressor([8], recipe=recipe, epochs=5, warm_start=True)
    X, y = load_diabetes(return_X_y=True)
    weighted = regressor.fit(X, y, np.arange(len(y)) % 3).fit(X, y).fit(X, y, np.ones(len(y)))
    assert weighted.predict(X).shape == y.shape


def test_settings_reach_the_core():
    X, y = load_iris(return_X_y=True)
    classifier = MLPClassifier((3,), "tanh", recipe="plain", settings={"bias": False, "scaling": False}).fit(X, y)
    settings = classifier.model_.settings
    assert settings["hidden_layer_sizes"] == [3] and settings["activation"] == "tanh"
    assert settings["bias"] is False and settings["scaling"] is False and classifier.intercepts_ == []
    with pytest.raises(ValueError, match="did you mean `scaling`"):
        MLPClassifier(settings={"scalin": False}).fit(X, y)
    weighted = MLPClassifier(recipe="plain", epochs=1, class_weight={0: 5, 2: 0.5}).fit(X, y)
    assert weighted.model_.settings["class_weight"] == {"by_class": {"c0": 5.0, "c2": 0.5}}


def test_predicting_needs_fitting():
    with pytest.raises(NotFittedError):
        MLPClassifier().predict([[1.0]])
