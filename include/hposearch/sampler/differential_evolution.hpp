/// \file
/// Differential evolution.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <hposearch/error.hpp>
#include <hposearch/numeric/random.hpp>
#include <hposearch/sampler.hpp>
#include <hposearch/sampler/latin_hypercube.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/text.hpp>
#include <hposearch/trial/history.hpp>

namespace hposearch::inline v0 {

/// What a mutant is made of; a, b and c are random members other than the one to be replaced.
enum class Mutation : std::uint8_t {
  best,             ///< best + f (a - b), SciPy's best1bin
  random,           ///< a + f (b - c), rand1bin
  current_to_best,  ///< current + f (best - current) + f (a - b), currenttobest1bin
};

/// The defaults are SciPy's.
struct DifferentialEvolutionOptions {
  Mutation mutation = Mutation::best;
  double smallest_factor = 0.5;           ///< f is drawn for each trial between these two
  double largest_factor = 1;              ///< from smallest_factor to 2
  double recombination = 0.7;             ///< chance that a coordinate is the mutant's
  std::optional<std::size_t> population;  ///< at least 5; default 15 d, at most 100 and at most an eighth of the budget
};

/// Differential evolution without generations: each trial competes for the place of one member of the population.
///
/// The trial with id i stands in place i mod population, which belongs to the best completed trial that stood there
/// (the newest of equals). So the population depends on the trials alone, not on the order in which they end, and
/// asking never waits. The first `population` trials are a Latin hypercube. A coordinate outside the cube is drawn
/// anew, an ordered one is rounded to its cell, and a category of the base point is drawn anew, with probability f,
/// where the two points differ whose difference would be added. Failed trials never become members. Source: R. Storn,
/// K. Price, Differential evolution, Journal of Global Optimization 11 (1997); scipy.optimize.differential_evolution.
class DifferentialEvolutionSampler {
 public:
  /// \throws InvalidArgument if an option is out of its range
  explicit DifferentialEvolutionSampler(DifferentialEvolutionOptions options = {}) : options_(options) {
    const auto check = [](const char* name, double value, double low, double high) {
      if (value >= low && value <= high) return;
      throw InvalidArgument(name, to_text(value), "must be between " + to_text(low) + " and " + to_text(high));
    };
    check("smallest_factor", options.smallest_factor, 0, 2);
    check("largest_factor", options.largest_factor, options.smallest_factor, 2);
    check("recombination", options.recombination, 0, 1);
    if (options.population && *options.population < least) {
      throw InvalidArgument("population", to_text(*options.population), "must be at least " + to_text(least));
    }
  }

  [[nodiscard]] EncodedPoints suggest(const SuggestRequest& request) const {
    const std::size_t size = population(request);
    const auto members = this->members(request.history, size);
    const auto founder = [&](std::size_t i) {
      return request.history.size() + i < size || members.size() < least || request.space.size() == 0;
    };
    EncodedPoints points(static_cast<Eigen::Index>(request.count), static_cast<Eigen::Index>(request.space.size()));
    if (founder(0)) {
      LatinHypercubeOptions design;
      design.size = size;
      points = LatinHypercubeSampler{design}.suggest(request);
    }
    for (std::size_t i = 0; i < request.count; ++i) {
      if (founder(i)) continue;
      const TrialId id = request.history.size() + i;
      points.row(static_cast<Eigen::Index>(i)) = offspring(request, members, id, id % size);
    }
    return points;
  }

 private:
  static constexpr std::size_t least = 5;

  struct Member {
    TrialId id;
    std::size_t place;
  };

  [[nodiscard]] std::size_t population(const SuggestRequest& request) const {
    if (options_.population) return *options_.population;
    const std::size_t affordable = request.budget ? *request.budget / 8 : 100;
    return std::clamp<std::size_t>(std::min(15 * request.space.size(), affordable), least, 100);
  }

  // Of the places that have a completed trial.
  [[nodiscard]] static std::vector<Member> members(const History& history, std::size_t size) {
    std::vector<std::optional<TrialId>> best(size);
    const auto losses = history.losses();
    for (TrialId id = 0; id < history.size(); ++id) {
      if (history.state(id) != TrialState::completed) continue;
      auto& member = best[id % size];
      if (!member || losses[id] <= losses[*member]) member = id;
    }
    std::vector<Member> result;
    for (std::size_t place = 0; place < size; ++place) {
      if (best[place]) result.push_back({*best[place], place});
    }
    return result;
  }

  [[nodiscard]] EncodedPoint offspring(const SuggestRequest& request, const std::vector<Member>& members, TrialId id,
                                       std::size_t place) const {
    const History& history = request.history;
    numeric::Random random{request.seed, id};
    const auto others = three_others(members, place, random);
    const auto point = [&](std::size_t k) -> EncodedPoint { return history.point(others[k]); };
    const EncodedPoint best = history.point(*history.best());
    const auto own = std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.place == place; });
    const EncodedPoint current = own != members.end() ? EncodedPoint{history.point(own->id)} : point(2);
    const bool from_random = options_.mutation == Mutation::random;
    const EncodedPoint base = from_random ? point(2) : options_.mutation == Mutation::best ? best : current;
    const double pull = options_.mutation == Mutation::current_to_best ? 1 : 0;
    const double f = options_.smallest_factor + random.uniform() * (options_.largest_factor - options_.smallest_factor);

    EncodedPoint result = current;
    const auto forced = static_cast<std::size_t>(random.below(request.space.size()));
    for (std::size_t j = 0; j < request.space.size(); ++j) {
      const auto k = static_cast<Eigen::Index>(j);
      if (j != forced && random.uniform() >= options_.recombination) continue;
      const double difference = point(0)[k] - point(1)[k];
      if (request.space[j].kind == DimensionKind::categorical) {
        const double kept = pull != 0 && random.uniform() < f ? best[k] : base[k];
        result[k] = difference != 0 && random.uniform() < f ? random.uniform() : kept;
      } else {
        result[k] = base[k] + f * pull * (best[k] - base[k]) + f * difference;
        if (!(result[k] >= 0 && result[k] <= 1)) result[k] = random.uniform();
      }
    }
    request.space.snap(result);
    return result;
  }

  // Distinct members from other places than `place`.
  [[nodiscard]] static std::array<TrialId, 3> three_others(const std::vector<Member>& members, std::size_t place,
                                                           numeric::Random& random) {
    std::array<TrialId, 3> ids{};
    for (std::size_t k = 0; k < ids.size();) {
      const Member& member = members[random.below(members.size())];
      if (member.place == place || std::find(ids.begin(), ids.begin() + k, member.id) != ids.begin() + k) continue;
      ids[k++] = member.id;
    }
    return ids;
  }

  DifferentialEvolutionOptions options_;
};

static_assert(Sampler<DifferentialEvolutionSampler>);

}  // namespace hposearch::inline v0
