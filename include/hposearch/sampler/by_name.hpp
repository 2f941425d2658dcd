/// \file
/// Samplers by their names, for programs whose users choose one in a text.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <hposearch/acquisition/by_name.hpp>
#include <hposearch/error.hpp>
#include <hposearch/sampler.hpp>
#include <hposearch/sampler/auto.hpp>
#include <hposearch/sampler/cma_es.hpp>
#include <hposearch/sampler/differential_evolution.hpp>
#include <hposearch/sampler/forest.hpp>
#include <hposearch/sampler/gaussian_process.hpp>
#include <hposearch/sampler/grid.hpp>
#include <hposearch/sampler/halton.hpp>
#include <hposearch/sampler/latin_hypercube.hpp>
#include <hposearch/sampler/pending_strategy.hpp>
#include <hposearch/sampler/random.hpp>
#include <hposearch/sampler/sobol.hpp>
#include <hposearch/sampler/tpe.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

/// A sampler with its default options, under a name and for some another one that users may know it by.
struct NamedSampler {
  std::string_view name;
  std::string_view alias;  ///< empty where there is none
  AnySampler (*make)();
};

namespace detail {

[[nodiscard]] inline std::vector<NamedSampler>& sampler_registry() {
  static std::vector<NamedSampler> samplers{
      NamedSampler{"default", "auto", [] { return AnySampler{AutoSampler{}}; }},
      NamedSampler{"random", "", [] { return AnySampler{RandomSampler{}}; }},
      NamedSampler{"grid", "", [] { return AnySampler{GridSampler{}}; }},
      NamedSampler{"sobol", "", [] { return AnySampler{SobolSampler{}}; }},
      NamedSampler{"halton", "", [] { return AnySampler{HaltonSampler{}}; }},
      NamedSampler{"latin-hypercube", "lhs", [] { return AnySampler{LatinHypercubeSampler{}}; }},
      NamedSampler{"gp", "gaussian-process", [] { return AnySampler{GaussianProcessSampler{}}; }},
      NamedSampler{"tpe", "", [] { return AnySampler{TpeSampler{}}; }},
      NamedSampler{"tpe-multivariate", "",
                   [] {
                     TpeOptions options;
                     options.multivariate = true;
                     return AnySampler{TpeSampler{options}};
                   }},
      NamedSampler{"forest", "rf", [] { return AnySampler{ForestSampler{}}; }},
      NamedSampler{"extra-trees", "et", [] { return AnySampler{ForestSampler{ForestSamplerOptions::extra_trees()}}; }},
      NamedSampler{"cma-es", "cmaes", [] { return AnySampler{CmaEsSampler{}}; }},
      NamedSampler{"differential-evolution", "de", [] { return AnySampler{DifferentialEvolutionSampler{}}; }},
  };
  return samplers;
}

}  // namespace detail

/// Every sampler that comes with the library, and those that were registered.
[[nodiscard]] inline std::span<const NamedSampler> named_samplers() { return detail::sampler_registry(); }

/// Makes another sampler known by its name, before main() or at least before other threads ask for one. A name that is
/// known already keeps its sampler.
/// \returns whether the name is new
inline bool register_sampler(NamedSampler sampler) {
  auto& known = detail::sampler_registry();
  for (const NamedSampler& other : known) {
    if (other.name == sampler.name || other.alias == sampler.name) return false;
  }
  known.push_back(sampler);
  return true;
}

namespace detail {

/// A Gaussian process with the parts that stand after its name: "lcb", "cl-min", "lcb:cl-min".
[[nodiscard]] inline AnySampler make_gaussian_process(std::string_view parts) {
  GaussianProcessOptions options;
  while (true) {
    const std::string_view part = parts.substr(0, parts.find(':'));
    if (const auto acquisition = find_acquisition(part)) {
      options.acquisition = *acquisition;
    } else if (const auto strategy = find_pending_strategy(part)) {
      options.pending = *strategy;
    } else {
      std::string names;
      for (const auto& known : named_acquisitions()) names += std::string{known.name} + ", ";
      for (const auto& known : named_pending_strategies) names += std::string{known.first} + ", ";
      throw InvalidArgument("sampler", quoted(part), "must be one of " + names.substr(0, names.size() - 2));
    }
    if (part.size() == parts.size()) return GaussianProcessSampler{std::move(options)};
    parts.remove_prefix(part.size() + 1);
  }
}

}  // namespace detail

/// A new sampler by its name or alias; `_` may stand for `-`. After the name of the Gaussian process may stand, each
/// after a colon, the name of an acquisition (see acquisition/by_name.hpp) and of what becomes of trials in flight (see
/// sampler/pending_strategy.hpp): "gp:lcb", "gp:ei:cl-min".
/// \throws InvalidArgument, which lists the names, if there is none
[[nodiscard]] inline AnySampler make_sampler(std::string_view name) {
  std::string wanted{name};
  for (char& letter : wanted) letter = letter == '_' ? '-' : letter;
  const std::string_view first = std::string_view{wanted}.substr(0, wanted.find(':'));
  std::string names;
  for (const NamedSampler& sampler : named_samplers()) {
    const bool chosen = !first.empty() && (first == sampler.name || first == sampler.alias);
    if (chosen && first.size() == wanted.size()) return sampler.make();
    if (chosen && sampler.name == "gp") return detail::make_gaussian_process(wanted.substr(first.size() + 1));
    names += (names.empty() ? "" : ", ") + std::string{sampler.name};
    if (!sampler.alias.empty()) names += " (" + std::string{sampler.alias} + ")";
  }
  throw InvalidArgument("sampler", quoted(name), "must be one of " + names);
}

}  // namespace hposearch::inline v0
