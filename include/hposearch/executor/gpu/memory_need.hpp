/// \file
/// How much of a device's memory a trial needs.
#pragma once

#include <any>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <utility>

#include <hposearch/error.hpp>
#include <hposearch/objective.hpp>
#include <hposearch/space/search_space.hpp>
#include <hposearch/text.hpp>
#include <hposearch/trial/context.hpp>

namespace hposearch::inline v0 {

/// Bytes that a trial needs on each device of its slot: not said, a fixed amount, or a function of its point, which
/// memory_of() makes.
class MemoryNeed {
 public:
  MemoryNeed() = default;
  template <std::integral N>
  MemoryNeed(N bytes) : fixed_(static_cast<std::uint64_t>(bytes)) {
    if (std::cmp_less(bytes, 0)) throw InvalidArgument("memory", to_text(bytes), "must not be negative");
  }
  template <class P>
  explicit MemoryNeed(std::function<double(const P&)> of) : of_(std::move(of)) {}

  /// Whether anything is said.
  [[nodiscard]] explicit operator bool() const noexcept { return fixed_ > 0 || of_.has_value(); }

  /// \throws InvalidArgument if it was made for points of another type, or its function gives no number of bytes;
  ///         whatever that function throws
  template <class P>
  [[nodiscard]] std::uint64_t at(const P& point) const {
    if (!of_.has_value()) return fixed_;
    const auto* of = std::any_cast<std::function<double(const P&)>>(&of_);
    if (of == nullptr) throw InvalidArgument("memory", "a function", "must be made with the space that is searched");
    const double bytes = (*of)(point);
    if (!(bytes >= 0 && bytes < 1e18)) throw InvalidArgument("memory", to_text(bytes), "must be a number of bytes");
    return static_cast<std::uint64_t>(std::ceil(bytes));
  }

 private:
  std::uint64_t fixed_ = 0;
  std::any of_;
};

/// A need that depends on the point: `.memory = memory_of(space, [](double learning_rate, int channels) { ... })`.
/// \param f in any of an objective's forms; returns bytes
template <class S, class F>
  requires ObjectiveFor<F, S>
[[nodiscard]] MemoryNeed memory_of(const S& space, F f) {
  using P = typename S::point_type;
  return MemoryNeed{std::function<double(const P&)>{[bound = bind_objective(space, std::move(f))](const P& point) {
    TrialContext context{0, 0, 1, std::stop_token{}};
    return (*bound)(point, context);
  }}};
}

}  // namespace hposearch::inline v0
