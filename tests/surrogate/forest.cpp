// surrogate/forest/: regression trees and their forests.
#include <cmath>
#include <numeric>
#include <vector>

#include <support/catch.hpp>
#include <support/dimensions.hpp>
#include <support/forest_reference.hpp>

#include <hposearch/surrogate/forest/forest.hpp>
#include <hposearch/surrogate/forest/tree.hpp>

using namespace hposearch;

namespace {

EncodedPoints rows_of(const std::vector<double>& values, Eigen::Index columns) {
  return Eigen::Map<const EncodedPoints>(values.data(), static_cast<Eigen::Index>(values.size()) / columns, columns);
}

ForestOptions exact(std::size_t min_leaf) {
  ForestOptions options;
  options.trees = 3;
  options.bootstrap = false;
  options.tree.min_leaf = min_leaf;
  return options;
}

}  // namespace

TEST_CASE("A forest without chance predicts what scikit-learn's does") {
  using namespace forest_reference;
  const EncodedSpace space = support::reals(3);
  const EncodedPoints x = rows_of(points, 3);
  const auto compare = [&](std::size_t min_leaf, const std::vector<double>& expected) {
    const Forest forest{space, x, targets, exact(min_leaf), 1};
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      CHECK(forest.predict(x.row(i)).mean == Approx(expected[static_cast<std::size_t>(i)]).epsilon(1e-12));
    }
  };
  compare(1, forest_leaf_1);
  compare(3, forest_leaf_3);
  compare(7, forest_leaf_7);
}

TEST_CASE("Between observations too, and with the leaves' variances") {
  using namespace forest_reference;
  const EncodedSpace space = support::reals(1);
  const Forest forest{space, rows_of(line, 1), levels, exact(3), 1};
  for (std::size_t i = 0; i < 50; ++i) {
    const MeanAndVariance at = forest.predict(EncodedPoint::Constant(1, (static_cast<double>(i) + 0.5) / 50));
    CHECK(at.mean == Approx(tree[i]).epsilon(1e-12));
    CHECK(at.variance == Approx(tree_variance[i]).epsilon(1e-9));
  }
}

TEST_CASE("Single observations are reproduced by leaves of one") {
  const EncodedSpace space = support::reals(3);
  const EncodedPoints x = rows_of(forest_reference::points, 3);
  for (const bool random_splits : {false, true}) {
    ForestOptions options = exact(1);
    options.tree.random_splits = random_splits;
    const Forest forest{space, x, forest_reference::targets, options, 5};
    for (Eigen::Index i = 0; i < x.rows(); ++i) {
      CHECK(forest.predict(x.row(i)).mean == Approx(forest_reference::targets[static_cast<std::size_t>(i)]));
      CHECK(forest.predict(x.row(i)).variance < 1e-20);
    }
  }
}

TEST_CASE("Categories are split into sets, whatever their order") {
  const EncodedSpace space{{support::categories(6)}};
  const std::vector<double> value{5, 1, 5, 1, 5, 1};
  EncodedPoints x(18, 1);
  std::vector<double> y;
  for (Eigen::Index i = 0; i < 18; ++i) {
    const auto k = static_cast<std::size_t>(i) % 6;
    x(i, 0) = space[0].centre(k);
    y.push_back(value[k]);
  }
  ForestOptions options = exact(9);  // one split only
  options.trees = 1;
  const Forest forest{space, x, y, options, 1};
  for (std::size_t k = 0; k < 6; ++k) {
    CHECK(forest.predict(EncodedPoint::Constant(1, space[0].centre(k))).mean == Approx(value[k]));
  }
}

TEST_CASE("An unseen category goes with the majority") {
  const EncodedSpace space{{support::categories(3)}};
  EncodedPoints x(5, 1);
  for (Eigen::Index i = 0; i < 5; ++i) x(i, 0) = space[0].centre(i < 2 ? 0 : 1);
  const std::vector<double> y{0, 0, 1, 1, 1};
  ForestOptions options = exact(1);
  const Forest forest{space, x, y, options, 1};
  CHECK(forest.predict(EncodedPoint::Constant(1, space[0].centre(2))).mean == 1);
}

TEST_CASE("Chance makes trees differ where there are no observations") {
  const EncodedSpace space = support::reals(1);
  EncodedPoints x(12, 1);
  std::vector<double> y;
  for (Eigen::Index i = 0; i < 12; ++i) {
    x(i, 0) = i < 6 ? 0.02 * static_cast<double>(i) : 0.9 + 0.02 * static_cast<double>(i - 6);
    y.push_back(i < 6 ? 0 : 1);
  }
  for (const bool random_splits : {false, true}) {
    ForestOptions options;
    options.tree.random_splits = random_splits;
    options.bootstrap = !random_splits;
    const Forest forest{space, x, y, options, 3};
    CHECK(forest.predict(EncodedPoint::Constant(1, 0.05)).variance < 0.1);
    const MeanAndVariance middle = forest.predict(EncodedPoint::Constant(1, 0.5));
    CHECK(middle.mean >= 0);
    CHECK(middle.mean <= 1);
    if (random_splits) {
      CHECK(middle.mean == Approx(0.5).margin(0.15));
      CHECK(middle.variance > 0.15);
    }
  }
}

TEST_CASE("Equal targets and equal points give a single leaf") {
  const EncodedSpace space = support::reals(2);
  const EncodedPoints same = EncodedPoints::Constant(8, 2, 0.5);
  const std::vector<double> y{1, 2, 3, 4, 5, 6, 7, 8};
  CHECK(Forest{space, same, y, exact(1), 1}.predict(same.row(0)).mean == Approx(4.5));
  const EncodedPoints x =
      rows_of(std::vector<double>(forest_reference::points.begin(), forest_reference::points.begin() + 16), 2);
  const MeanAndVariance at = Forest{space, x, std::vector<double>(8, 3.0), exact(1), 1}.predict(same.row(0));
  CHECK(at.mean == Approx(3));
  CHECK(at.variance == 0);
}
