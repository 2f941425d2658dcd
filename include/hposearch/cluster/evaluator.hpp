/// \file
/// What a worker evaluates: an objective and its space, with their types forgotten.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include <hposearch/cluster/bytes.hpp>
#include <hposearch/cluster/point_codec.hpp>
#include <hposearch/objective.hpp>
#include <hposearch/space/search_space.hpp>
#include <hposearch/trial/context.hpp>

namespace hposearch::inline v0::cluster {

/// Called from several threads at once.
struct Evaluator {
  /// The value at an encoded point. \throws whatever the objective throws, InvalidPoint where the space has no such
  /// point
  std::function<double(ByteView point, TrialContext& context)> evaluate;
  std::optional<std::uint64_t> space{};  ///< fingerprint; none: takes any point
};

/// \throws InvalidArgument where an integral parameter of `evaluate` cannot hold its dimension's range
template <SearchSpace S, class F>
[[nodiscard]] Evaluator make_evaluator(const S& space, F evaluate) {
  auto objective = bind_objective(space, std::move(evaluate));
  return {[space, objective = std::move(objective)](ByteView point, TrialContext& context) {
            return (*objective)(decode_point(space, point), context);
          },
          space.fingerprint()};
}

}  // namespace hposearch::inline v0::cluster
