"""The sets of problems. Building one costs something, listing does not."""
from functools import partial

from closed_forms import all_real, mixed
from coco import coco
from notebook import notebook
from training import training

# Where every peer has been, however slow.
CORE = {
    "hartmann6-d6-i1": partial(all_real, "hartmann6", 6, 1),
    "ackley-mixed-d6-i1": partial(mixed, "ackley", 1),
    "bbob-f8-d5-i1": partial(coco, "bbob", 8, 5, 1),
    "bbob-mixint-f15-d5-i2": partial(coco, "bbob-mixint", 15, 5, 2),
    "hpo-digits-svm": partial(training, "digits", "svm"),
    "hpo-diabetes-gbdt": partial(training, "diabetes", "gbdt"),
    "seed-cnn-v0": partial(notebook, 0),
    "noisy-seed-cnn-v2": partial(notebook, 2, noise=0.1),
}

FULL = CORE | {
    "branin-d2-i1": partial(all_real, "branin", 2, 1),
    "rosenbrock-d4-i1": partial(all_real, "rosenbrock", 4, 1),
    "levy-d5-i1": partial(all_real, "levy", 5, 1),
    **{f"bbob-f{f}-d{d}-i{i}": partial(coco, "bbob", f, d, i) for f, i in ((8, 1), (15, 2), (21, 1)) for d in (2, 5, 10)},
    **{f"bbob-mixint-f{f}-d{d}-i{i}": partial(coco, "bbob-mixint", f, d, i)
       for f, i in ((8, 1), (15, 2), (21, 1)) for d in (5, 10)},
    "bbob-mixint-f8-d20-i1": partial(coco, "bbob-mixint", 8, 20, 1),
    "hpo-breast_cancer-mlp": partial(training, "breast_cancer", "mlp"),
    "hpo-wine-logreg": partial(training, "wine", "logreg"),
    "hpo-breast_cancer-knn": partial(training, "breast_cancer", "knn"),
    "seed-cnn-crash-v1": partial(notebook, 1, crash=True),
    "noisy-branin-d2-i2": partial(all_real, "branin", 2, 2, kind="noisy", noise=0.1),
    "noisy-hartmann6-d6-i2": partial(all_real, "hartmann6", 6, 2, kind="noisy", noise=0.1),
}

# Other functions, instances, dimensions, data sets and models than those above. Nothing is tuned on them: they say
# whether what was tuned above holds elsewhere.
HELD_OUT = {
    "styblinski-d4-i7": partial(all_real, "styblinski", 4, 7),
    "griewank-d3-i5": partial(all_real, "griewank", 3, 5),
    "rosenbrock-mixed-d6-i4": partial(mixed, "rosenbrock", 4),
    "levy-mixed-d9-i6": partial(mixed, "levy", 6, reals=5, integers=3, choices=6),
    **{f"bbob-f{f}-d{d}-i{i}": partial(coco, "bbob", f, d, i)
       for f, d, i in ((2, 5, 4), (6, 3, 5), (10, 5, 6), (13, 10, 3), (17, 5, 7), (20, 2, 8), (24, 3, 9))},
    **{f"bbob-mixint-f{f}-d{d}-i{i}": partial(coco, "bbob-mixint", f, d, i)
       for f, d, i in ((1, 5, 4), (6, 10, 5), (13, 5, 6), (20, 5, 7))},
    "hpo-wine-mlp": partial(training, "wine", "mlp"),
    "hpo-digits-trees": partial(training, "digits", "trees"),
    "hpo-breast_cancer-gbdt": partial(training, "breast_cancer", "gbdt"),
    "hpo-diabetes-svm": partial(training, "diabetes", "svm"),
    "hpo-iris-logreg": partial(training, "iris", "logreg"),
    "seed-cnn-v5": partial(notebook, 5),
    "seed-cnn-crash-v6": partial(notebook, 6, crash=True),
    "noisy-levy-d4-i9": partial(all_real, "levy", 4, 9, kind="noisy", noise=0.1),
    "noisy-bbob-f10-d3-i6": partial(coco, "bbob", 10, 3, 6, noise=0.1),
    "noisy-seed-cnn-v7": partial(notebook, 7, noise=0.1),
}

SETS = {"core": CORE, "full": FULL, "held-out": HELD_OUT}
ALL = FULL | HELD_OUT


def build(name):
    problem = ALL[name]()
    assert problem.name == name, (problem.name, name)
    return problem
