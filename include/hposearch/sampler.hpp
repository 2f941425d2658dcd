/// \file
/// The Sampler concept: whatever proposes points. Each model is one header in sampler/.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include <hposearch/space/encoded_space.hpp>
#include <hposearch/trial/history.hpp>

namespace hposearch::inline v0 {

/// What a sampler is asked. The references are valid during the call only.
struct SuggestRequest {
  const EncodedSpace& space;
  const History& history;             ///< every trial so far; pending ones are results on their way
  std::uint64_t seed = 0;             ///< the study's seed
  std::size_t count = 1;              ///< how many points are wanted, at least 1
  std::optional<std::size_t> budget;  ///< trials of the whole study, where known
};

/// Proposes points of the unit cube.
///
/// `suggest` returns `request.count` rows in [0, 1]; the optimizer snaps them to the space and replaces those already
/// seen. What it returns must depend on the request alone (a model may keep caches, not secrets), so that a study can
/// be repeated: take random numbers from `numeric::Random{request.seed, request.history.size()}`. Rows of one call
/// should differ, as if each were pending when the next is chosen. One thread calls it.
template <class S>
concept Sampler = std::movable<S> && requires(S sampler, const SuggestRequest& request) {
  { sampler.suggest(request) } -> std::same_as<EncodedPoints>;
};

/// Holds any Sampler. Copying is not allowed, since a sampler's caches belong to one study.
class AnySampler {
 public:
  template <class S>
    requires(!std::same_as<std::remove_cvref_t<S>, AnySampler> && Sampler<std::remove_cvref_t<S>>)
  AnySampler(S&& sampler)  // NOLINT(google-explicit-constructor): a sampler is usable where any is wanted
      : model_(std::make_unique<Model<std::remove_cvref_t<S>>>(std::forward<S>(sampler))) {}

  [[nodiscard]] EncodedPoints suggest(const SuggestRequest& request) { return model_->suggest(request); }

 private:
  struct Interface {
    virtual ~Interface() = default;
    virtual EncodedPoints suggest(const SuggestRequest& request) = 0;
  };
  template <class S>
  struct Model final : Interface {
    template <class T>
    explicit Model(T&& sampler) : sampler_(std::forward<T>(sampler)) {}
    EncodedPoints suggest(const SuggestRequest& request) override { return sampler_.suggest(request); }
    S sampler_;
  };
  std::unique_ptr<Interface> model_;
};

}  // namespace hposearch::inline v0
