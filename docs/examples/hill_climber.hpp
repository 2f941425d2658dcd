#pragma once

#include <hposearch/numeric/random.hpp>
#include <hposearch/sampler.hpp>

// Looks around the best point so far, and anywhere one time in four, or while there is none.
struct HillClimber {
  double radius = 0.1;  // standard deviation of a step, in units of the cube's edge

  hposearch::EncodedPoints suggest(const hposearch::SuggestRequest& request) const {
    const auto d = static_cast<Eigen::Index>(request.space.size());
    hposearch::EncodedPoints points(static_cast<Eigen::Index>(request.count), d);
    // All randomness comes from the request, so that a study can be repeated.
    hposearch::numeric::Random random{request.seed, request.history.size()};
    const auto best = request.history.best();
    for (Eigen::Index i = 0; i < points.rows(); ++i) {
      const bool anywhere = !best || random.below(4) == 0;
      for (Eigen::Index j = 0; j < d; ++j) {
        points(i, j) = anywhere ? random.uniform() : request.history.point(*best)[j] + radius * random.normal();
      }
      request.space.snap(points.row(i));  // into the cube, and onto the values of discrete dimensions
    }
    return points;
  }
};

static_assert(hposearch::Sampler<HillClimber>);
