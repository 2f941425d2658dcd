/// \file
/// Acquisitions by their names.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <hposearch/acquisition/dynamic_acquisition.hpp>
#include <hposearch/acquisition/expected_improvement.hpp>
#include <hposearch/acquisition/hedge.hpp>
#include <hposearch/acquisition/lower_confidence_bound.hpp>
#include <hposearch/acquisition/per_second.hpp>
#include <hposearch/acquisition/probability_of_improvement.hpp>
#include <hposearch/acquisition/thompson.hpp>

namespace hposearch::inline v0 {

/// An acquisition with its default options, under a name and for some another one that users may know it by.
struct NamedAcquisition {
  std::string_view name;
  std::string_view alias;     ///< empty where there is none
  AcquisitionRule (*make)();  ///< an empty rule stands for the sampler's own, log expected improvement
};

/// The rule of a utility with its default options.
template <Utility U>
[[nodiscard]] AcquisitionRule utility_rule() {
  return [](const AcquisitionContext& context) -> std::unique_ptr<DynamicAcquisition> {
    return std::make_unique<UtilityOverModels<U>>(context.parts);
  };
}

/// Every acquisition that comes with the library.
[[nodiscard]] inline std::span<const NamedAcquisition> named_acquisitions() {
  static constexpr std::array acquisitions{
      NamedAcquisition{"log-ei", "", [] { return AcquisitionRule{}; }},
      NamedAcquisition{"ei", "", [] { return utility_rule<ExpectedImprovement>(); }},
      NamedAcquisition{"pi", "", [] { return utility_rule<LogProbabilityOfImprovement>(); }},
      NamedAcquisition{"lcb", "ucb", [] { return utility_rule<LowerConfidenceBound>(); }},
      NamedAcquisition{"thompson", "ts", [] { return thompson_sampling(); }},
      NamedAcquisition{"ei-per-second", "eips", [] { return improvement_per_second(); }},
      NamedAcquisition{"gp-hedge", "hedge", [] { return hedge(); }},
  };
  return acquisitions;
}

/// The acquisition with this name or alias, if there is one.
[[nodiscard]] inline std::optional<AcquisitionRule> find_acquisition(std::string_view name) {
  for (const NamedAcquisition& acquisition : named_acquisitions()) {
    if (!name.empty() && (name == acquisition.name || name == acquisition.alias)) return acquisition.make();
  }
  return {};
}

}  // namespace hposearch::inline v0
