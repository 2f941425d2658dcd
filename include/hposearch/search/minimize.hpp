/// \file
/// minimize() and maximize(): where an optimizer meets an executor.
#pragma once

#include <type_traits>
#include <utility>

#include <hposearch/executor.hpp>
#include <hposearch/objective.hpp>
#include <hposearch/optimizer.hpp>
#include <hposearch/search/loop.hpp>
#include <hposearch/search/needs.hpp>
#include <hposearch/search/options.hpp>
#include <hposearch/search/result.hpp>

namespace hposearch::inline v0 {

namespace detail {

template <class F, SearchSpace S, class E>
SearchResult<typename S::point_type> search(Direction direction, F&& evaluate, Optimizer<S>& optimizer, E& executor,
                                            const SearchOptions<typename S::point_type>& options) {
  options.validate();
  auto objective = bind_objective(optimizer.space(), std::forward<F>(evaluate));
  using Bound = std::remove_cvref_t<decltype(*objective)>;
  static_assert(
      Executor<E, Bound, typename S::point_type>,
      "hposearch: the last argument but one must be an Executor; see hposearch/executor.hpp for what it needs");
  check_needs<E>(options.needs);
  optimizer.settle_direction(direction);
  if constexpr (requires { executor.use_space(optimizer.space()); }) executor.use_space(optimizer.space());
  return SearchLoop<S, E, Bound>{optimizer, executor, std::move(objective), options}.run();
}

}  // namespace detail

/// Searches for the smallest value of `evaluate`, asynchronously: each slot that falls free gets a new trial at once,
/// chosen with every result known by then and with the pending points in mind.
///
/// \param evaluate  called with the values of a point as arguments, or with an aggregate of them, or with the point; a
///                  TrialContext& may come first or last; returns anything convertible to double. See ObjectiveFor.
///                  It is called through a const reference, from several threads where the executor has them.
/// \param optimizer proposes the points and holds the results; may have some already
/// \param executor  runs the trials; must not be used by anything else meanwhile
/// \param options   limits and callbacks
/// \return what was found and how it went; optimizer keeps the results as well
/// \throws InvalidArgument for bad options, or if the optimizer maximizes, or if an integral parameter of `evaluate`
///                         cannot hold its dimension's range
/// \throws whatever a callback throws
template <class F, SearchSpace S, class E>
  requires ObjectiveFor<F, S> SearchResult<typename S::point_type> minimize(
      F&& evaluate, Optimizer<S>& optimizer, E& executor, const SearchOptions<typename S::point_type>& options = {}) {
    return detail::search(Direction::minimize, std::forward<F>(evaluate), optimizer, executor, options);
  }

/// Searches for the largest value of `evaluate`; everything else as minimize().
template <class F, SearchSpace S, class E>
  requires ObjectiveFor<F, S> SearchResult<typename S::point_type> maximize(
      F&& evaluate, Optimizer<S>& optimizer, E& executor, const SearchOptions<typename S::point_type>& options = {}) {
    return detail::search(Direction::maximize, std::forward<F>(evaluate), optimizer, executor, options);
  }

}  // namespace hposearch::inline v0
