"""Writes forest_reference.hpp: predictions of scikit-learn's trees.

Run with scikit-learn 1.9.1: python forest_reference.py > forest_reference.hpp
"""

import numpy as np
import sklearn
from sklearn.ensemble import RandomForestRegressor
from sklearn.tree import DecisionTreeRegressor

random = np.random.default_rng(1)
# scikit-learn's trees take single precision.
points = random.random((60, 3)).astype(np.float32)
targets = np.round(np.sin(6 * points[:, 0]) + points[:, 1] ** 2 + 0.1 * random.standard_normal(60), 6)
line = np.sort(random.random(40).astype(np.float32))
levels = np.round(np.cos(9 * line) + 0.2 * random.standard_normal(40), 6)
queries = (np.arange(50) + 0.5) / 50


def braces(values):
    return "{" + ", ".join(repr(float(v)) for v in values) + "}"


def show(name, values):
    print(f"inline const std::vector<double> {name}{braces(values)};")


print(f"// Written by forest_reference.py with scikit-learn {sklearn.__version__}: do not edit.")
print("// clang-format off")
print("#pragma once\n\n#include <vector>\n\nnamespace forest_reference {\n")
print("// 60 points in 3 dimensions, row by row, and what a forest without bootstrap says at them.")
show("points", points.ravel())
show("targets", targets)
for leaf in (1, 3, 7):
    forest = RandomForestRegressor(n_estimators=3, bootstrap=False, max_features=1.0, min_samples_leaf=leaf, random_state=0)
    show(f"forest_leaf_{leaf}", forest.fit(points, targets).predict(points))
print("\n// 40 points on a line, and what a tree says at (i + 1/2) / 50, with the variance in each leaf.")
show("line", line)
show("levels", levels)
tree = DecisionTreeRegressor(min_samples_leaf=3).fit(line[:, None], levels)
show("tree", tree.predict(queries[:, None]))
show("tree_variance", tree.tree_.impurity[tree.apply(queries[:, None].astype(np.float32))])
print("\n}  // namespace forest_reference")
