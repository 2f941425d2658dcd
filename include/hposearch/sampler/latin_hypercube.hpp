/// \file
/// Latin hypercube designs.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <hposearch/error.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/sampler.hpp>
#include <hposearch/sampler/initial_design.hpp>
#include <hposearch/space/encoded_space.hpp>

namespace hposearch::inline v0 {

struct LatinHypercubeOptions {
  std::optional<std::size_t> size;  ///< points of a design, at least 1; default the budget, or 10 d without one
};

/// Designs in which every dimension has one point in each of `size` equal intervals; after a design the next one.
///
/// The trial with id i gets point i mod size of design i / size. A design is drawn as a whole and kept, so that its
/// size, which is cut to 100,000, costs memory. Source: M. D. McKay, R. J. Beckman, W. J. Conover, A comparison of
/// three methods for selecting values of input variables, Technometrics 21 (1979).
class LatinHypercubeSampler {
 public:
  /// \throws InvalidArgument if the size is 0
  explicit LatinHypercubeSampler(LatinHypercubeOptions options = {}) : options_(options) {
    if (options.size && *options.size == 0) throw InvalidArgument("size", "0", "must be at least 1");
  }

  [[nodiscard]] EncodedPoints suggest(const SuggestRequest& request) {
    const std::size_t d = request.space.size();
    EncodedPoints points(static_cast<Eigen::Index>(request.count), static_cast<Eigen::Index>(d));
    const std::size_t wanted = options_.size.value_or(request.budget.value_or(10 * d));
    const std::size_t size = std::clamp<std::size_t>(wanted, 1, 100000);
    for (std::size_t i = 0; i < request.count; ++i) {
      const std::size_t id = request.history.size() + i;
      const auto& design = this->design(request, size, id / size);
      points.row(static_cast<Eigen::Index>(i)) = design.row(static_cast<Eigen::Index>(id % size));
    }
    return points;
  }

 private:
  struct Design {
    EncodedSpace space;
    std::uint64_t seed;
    std::size_t number;
    EncodedPoints points;
  };

  [[nodiscard]] const EncodedPoints& design(const SuggestRequest& request, std::size_t size, std::size_t number) {
    const bool known = design_ && design_->number == number && design_->seed == request.seed &&
                       static_cast<std::size_t>(design_->points.rows()) == size && design_->space == request.space;
    if (!known) {
      numeric::Random random{request.seed, number};
      design_ = Design{request.space, request.seed, number, detail::latin_hypercube(request.space, size, random)};
    }
    return design_->points;
  }

  LatinHypercubeOptions options_;
  std::optional<Design> design_;
};

static_assert(Sampler<LatinHypercubeSampler>);

}  // namespace hposearch::inline v0
