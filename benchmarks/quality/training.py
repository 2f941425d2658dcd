"""Real training: models of scikit-learn and LightGBM on the data sets that scikit-learn ships.

The loss is that of 3-fold cross-validation on at most 500 rows: log loss where the model gives probabilities, else the
error rate; of regression, the mean squared error of standardised targets. Everything is seeded, and values are kept on
disk, so that every optimiser sees the same function.
"""
import hashlib
import json
import math
import os
import sqlite3
import warnings
from functools import cache

import numpy as np

from paths import EVALUATIONS
from problem import Problem
from spaces import cat, integer, real

REGRESSION = ("diabetes",)
WORST = 5.0  # what a loss is cut to

SPACES = {
    "svm": [real("C", 1e-3, 1e3, True), real("gamma", 1e-6, 1e1, True), cat("kernel", "rbf", "sigmoid", "poly"),
            real("tol", 1e-5, 1e-1, True)],
    "logreg": [real("C", 1e-4, 1e4, True), real("l1_ratio", 0, 1), real("tol", 1e-5, 1e-1, True)],
    "knn": [integer("n_neighbors", 1, 40, True), real("p", 1, 5), cat("weights", "uniform", "distance"),
            cat("scaler", "none", "standard", "minmax")],
    "mlp": [real("lr", 1e-5, 1e0, True), real("alpha", 1e-7, 1e1, True), integer("hidden", 4, 128, True),
            integer("batch", 16, 256, True), cat("activation", "relu", "tanh", "logistic"), real("beta1", 0.5, 0.99),
            real("tol", 1e-5, 1e-1, True)],
    "trees": [integer("n_estimators", 5, 60, True), integer("max_depth", 1, 20),
              real("min_samples_split", 0.005, 0.5, True), real("min_samples_leaf", 0.002, 0.4, True),
              real("max_features", 0.05, 1), cat("criterion", "first", "second"), cat("kind", "rf", "extra"),
              real("ccp_alpha", 1e-6, 1e-1, True)],
    "gbdt": [real("learning_rate", 1e-3, 1, True), integer("n_estimators", 10, 150, True),
             integer("num_leaves", 2, 64, True), integer("min_child_samples", 1, 60, True), real("subsample", 0.3, 1),
             real("colsample_bytree", 0.3, 1), real("reg_lambda", 1e-6, 1e2, True), cat("linear", "no", "yes")],
}


def _svm(p, regression):
    from sklearn import svm
    machine = svm.SVR if regression else svm.SVC
    return machine(C=p["C"], gamma=p["gamma"], kernel=p["kernel"], tol=p["tol"], max_iter=20000)


def _logreg(p, regression):
    from sklearn import linear_model
    if regression:
        return linear_model.SGDRegressor(alpha=1 / p["C"] / 100, l1_ratio=p["l1_ratio"], penalty="elasticnet",
                                         tol=p["tol"], random_state=0)
    return linear_model.LogisticRegression(C=p["C"], l1_ratio=p["l1_ratio"], solver="saga", tol=p["tol"], max_iter=100,
                                           random_state=0)


def _knn(p, regression):
    from sklearn import neighbors
    model = neighbors.KNeighborsRegressor if regression else neighbors.KNeighborsClassifier
    return model(p["n_neighbors"], p=p["p"], weights=p["weights"])


def _mlp(p, regression):
    from sklearn import neural_network
    model = neural_network.MLPRegressor if regression else neural_network.MLPClassifier
    return model((p["hidden"],), learning_rate_init=p["lr"], alpha=p["alpha"], batch_size=p["batch"],
                 activation=p["activation"], beta_1=p["beta1"], tol=p["tol"], max_iter=20, random_state=0)


def _trees(p, regression):
    from sklearn import ensemble
    model = {("rf", True): ensemble.RandomForestRegressor, ("rf", False): ensemble.RandomForestClassifier,
             ("extra", True): ensemble.ExtraTreesRegressor, ("extra", False): ensemble.ExtraTreesClassifier}
    criteria = ("squared_error", "friedman_mse") if regression else ("gini", "entropy")
    criterion = criteria[p["criterion"] == "second"]
    given = {k: v for k, v in p.items() if k not in ("criterion", "kind")}
    return model[p["kind"], regression](criterion=criterion, random_state=0, **given)


def _gbdt(p, regression):
    import lightgbm
    model = lightgbm.LGBMRegressor if regression else lightgbm.LGBMClassifier
    given = {k: v for k, v in p.items() if k != "linear"}
    return model(subsample_freq=1, linear_tree=p["linear"] == "yes", n_jobs=1, random_state=0, deterministic=True,
                 verbose=-1, **given)


MODELS = {"svm": _svm, "logreg": _logreg, "knn": _knn, "mlp": _mlp, "trees": _trees, "gbdt": _gbdt}
PROBABILISTIC = ("logreg", "mlp", "trees", "gbdt")


@cache
def _data(name):
    from sklearn import datasets
    x, y = getattr(datasets, "load_" + name)(return_X_y=True)
    keep = np.random.default_rng(0).permutation(len(x))[:500]
    return x[keep], y[keep]


def _pipeline(model, point, regression):
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, StandardScaler
    scaler = {"none": FunctionTransformer, "minmax": MinMaxScaler}.get(point.get("scaler"), StandardScaler)()
    return make_pipeline(scaler, MODELS[model](point, regression))


def _regression_loss(fitted, x, y):
    return float(np.mean((fitted.predict(x) - y) ** 2)), WORST


def _classification_loss(fitted, x, y, model):
    if model not in PROBABILISTIC:
        return float(np.mean(fitted.predict(x) != y)), 1.0
    probabilities = np.clip(fitted.predict_proba(x), 1e-7, 1)
    of_truth = probabilities[np.arange(len(y)), np.searchsorted(fitted.classes_, y)]
    return float(-np.log(of_truth).mean()), WORST


def _cross_validated(data, model, point):
    from sklearn.model_selection import KFold, StratifiedKFold
    regression = data in REGRESSION
    x, y = _data(data)
    losses = []
    folds = (KFold if regression else StratifiedKFold)(3, shuffle=True, random_state=0)
    for train, test in folds.split(x, y):
        targets = (y - y[train].mean()) / y[train].std() if regression else y
        try:
            fitted = _pipeline(model, point, regression).fit(x[train], targets[train])
            loss, worst = _regression_loss(fitted, x[test], targets[test]) if regression else \
                _classification_loss(fitted, x[test], targets[test], model)
            losses.append(min(loss, worst) if math.isfinite(loss) else worst)
        except ValueError:
            losses.append(WORST)
    return float(np.mean(losses))


class Cache:
    """Losses on disk by problem and point; reals count with 6 digits. Shared by all processes."""

    def __init__(self, path):
        self.path = path
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with self._open() as db:
            db.execute("create table if not exists losses (point text primary key, loss real)")

    def _open(self):
        return sqlite3.connect(self.path, timeout=60)

    def get(self, name, point, compute):
        text = json.dumps({k: float(f"{v:.6g}") if isinstance(v, float) else v for k, v in sorted(point.items())})
        key = hashlib.sha1((name + text).encode()).hexdigest()
        with self._open() as db:
            row = db.execute("select loss from losses where point = ?", (key,)).fetchone()
        if row:
            return row[0]
        loss = compute()
        with self._open() as db:
            db.execute("insert or replace into losses values (?, ?)", (key, loss))
        return loss


def training(data, model):
    name = f"hpo-{data}-{model}"
    losses = Cache(EVALUATIONS)

    def compute(point):
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return _cross_validated(data, model, point)
    return Problem(name, "hpo", SPACES[model], lambda point: losses.get(name, point, lambda: compute(point)))
