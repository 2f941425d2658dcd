/// \file
/// Which observations of a long history a surrogate is conditioned on.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include <Eigen/Core>

#include <hposearch/surrogate/kernel.hpp>
#include <hposearch/surrogate/observations.hpp>

namespace hposearch::inline v0 {

namespace detail {

// Whether losses are of two values, of which the larger is the rarer: outcomes, most of them good.
[[nodiscard]] inline bool few_of_two_are_large(const std::vector<double>& losses) {
  const auto [least, largest] = std::minmax_element(losses.begin(), losses.end());
  std::size_t large = 0;
  for (const double loss : losses) {
    if (loss != *least && loss != *largest) return false;
    if (loss == *largest) ++large;
  }
  return large < losses.size() - large;
}

}  // namespace detail

/// At most `most` observations: all, or where they are more, a third by loss, a third by correlation with the best
/// point, and the rest evenly from all others, so that the model stays exact where the search is and knows of
/// everywhere else what has been seen. Of losses with two values, it is not the best but the rarer that come first:
/// they would be lost among the others. They keep their order. Costs O(n d). \param theta log-parameters of `kernel`
[[nodiscard]] inline Observations working_set(const Observations& all, const Kernel& kernel,
                                              const Eigen::VectorXd& theta, std::size_t most) {
  if (all.size() <= most) return all;
  const Eigen::Index n = all.points.rows();
  const Eigen::RowVectorXd scales = kernel.scales(theta);
  Eigen::MatrixXd scaled(n, all.points.cols());
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < scaled.cols(); ++j) scaled(i, j) = all.points(i, j) * scales[j];
  const auto best = std::min_element(all.losses.begin(), all.losses.end()) - all.losses.begin();
  const Eigen::RowVectorXd centre = scaled.row(best);
  Eigen::VectorXd closeness(n), slope(n);
  kernel.correlate({scaled.data(), n, n}, centre.data(), kernel.rates(theta), closeness.data(), slope.data());

  std::vector<bool> kept(all.size(), false);
  std::vector<std::size_t> order(all.size());
  const auto keep_first = [&](std::size_t count, auto before) {
    order.clear();
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!kept[i]) order.push_back(i);
    }
    std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(), before);
    for (std::size_t i = 0; i < count; ++i) kept[order[i]] = true;
  };
  const bool large_first = detail::few_of_two_are_large(all.losses);
  keep_first(most / 3, [&](std::size_t a, std::size_t b) {
    return all.losses[a] != all.losses[b] ? (all.losses[a] < all.losses[b]) != large_first : a < b;
  });
  keep_first(most / 3, [&](std::size_t a, std::size_t b) {
    const double near_a = closeness[static_cast<Eigen::Index>(a)], near_b = closeness[static_cast<Eigen::Index>(b)];
    return near_a != near_b ? near_a > near_b : a < b;
  });
  order.clear();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!kept[i]) order.push_back(i);
  }
  const std::size_t rest = most - 2 * (most / 3);
  for (std::size_t i = 0; i < rest; ++i) kept[order[i * order.size() / rest]] = true;

  Observations result;
  result.points.resize(static_cast<Eigen::Index>(most), all.points.cols());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!kept[i]) continue;
    result.points.row(static_cast<Eigen::Index>(result.size())) = all.points.row(static_cast<Eigen::Index>(i));
    result.losses.push_back(all.losses[i]);
  }
  return result;
}

}  // namespace hposearch::inline v0
