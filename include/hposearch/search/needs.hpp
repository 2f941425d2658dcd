/// \file
/// What each trial of a search needs of the place it runs in.
#pragma once

#include <concepts>
#include <functional>
#include <type_traits>
#include <utility>

#include <hposearch/error.hpp>
#include <hposearch/executor/trial_needs.hpp>

namespace hposearch::inline v0 {

/// The needs of a search's trials: none, the same for all, or a function of the point.
///
///     .needs = TrialNeeds{.labels = {"big"}}
///     .needs = [](const auto& point) {
///       return TrialNeeds{.resources = {{"gpu", point.template get<std::int64_t>("layers") > 50 ? 2U : 1U}}}; }
template <class P>
class SearchNeeds {
 public:
  SearchNeeds() = default;
  SearchNeeds(TrialNeeds needs) : said_(!needs.empty()), all_(std::move(needs)) {}
  template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, SearchNeeds> && std::is_invocable_r_v<TrialNeeds, F&, const P&>)
  SearchNeeds(F of) : said_(true), of_(std::move(of)) {}

  /// Whether anything is said.
  [[nodiscard]] explicit operator bool() const noexcept { return said_; }
  /// \throws whatever the function throws
  [[nodiscard]] TrialNeeds at(const P& point) const { return of_ ? of_(point) : all_; }

 private:
  bool said_ = false;
  TrialNeeds all_{};
  std::function<TrialNeeds(const P&)> of_{};
};

/// An executor that looks at StartOptions::needs, and says so by `static constexpr bool honours_needs = true`.
template <class E>
concept HonoursNeeds = requires {
  requires std::remove_cvref_t<E>::honours_needs;
};

namespace detail {

/// \throws InvalidArgument where trials have needs that the executor would not look at
template <class E, class P>
void check_needs(const SearchNeeds<P>& needs) {
  if (!HonoursNeeds<E> && needs) {
    throw InvalidArgument("needs", "given",
                          "must not be given with this executor, which does not look at them: its slots are all alike");
  }
}

}  // namespace detail
}  // namespace hposearch::inline v0
