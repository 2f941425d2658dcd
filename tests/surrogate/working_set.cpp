#include <algorithm>
#include <set>

#include <support/catch.hpp>
#include <support/encoded_spaces.hpp>

#include <hposearch/numeric/random.hpp>
#include <hposearch/surrogate/working_set.hpp>

using namespace hposearch;

namespace {

Observations observations(std::size_t count) {
  numeric::Random random{51};
  Observations result{.points = support::random_points(support::mixed_space(), count, random), .losses = {}};
  for (std::size_t i = 0; i < count; ++i) result.losses.push_back(random.normal());
  return result;
}

}  // namespace

TEST_CASE("A short history is kept whole") {
  const Observations all = observations(20);
  const Observations some = working_set(all, Kernel{support::mixed_space()}, Eigen::VectorXd::Zero(5), 20);
  CHECK(some.losses == all.losses);
  CHECK(some.points == all.points);
}

TEST_CASE("Of a long history the best, those near the best, and some from everywhere are kept, in order") {
  const Observations all = observations(500);
  const EncodedSpace space = support::mixed_space();
  const Observations some = working_set(all, Kernel{space}, Eigen::VectorXd::Constant(5, -2), 90);
  REQUIRE(some.size() == 90);
  auto sorted = all.losses;
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t i = 0; i < 30; ++i) {
    CHECK(std::find(some.losses.begin(), some.losses.end(), sorted[i]) != some.losses.end());
  }
  std::vector<std::size_t> places;
  for (const double loss : some.losses) {
    places.push_back(
        static_cast<std::size_t>(std::find(all.losses.begin(), all.losses.end(), loss) - all.losses.begin()));
    CHECK(all.points.row(static_cast<Eigen::Index>(places.back())) ==
          some.points.row(static_cast<Eigen::Index>(places.size() - 1)));
  }
  CHECK(std::is_sorted(places.begin(), places.end()));
  CHECK(std::set<std::size_t>(places.begin(), places.end()).size() == 90);
  CHECK(places.back() > 400);
  CHECK(places.front() < 100);
}

TEST_CASE("Of a long history with two values the rarer is kept, whichever it is") {
  const Kernel kernel{support::mixed_space()};
  for (const double common : {0.0, 1.0}) {
    Observations all = observations(500);
    for (std::size_t i = 0; i < all.size(); ++i) all.losses[i] = i == 57 || i == 111 || i == 444 ? 1 - common : common;
    const Observations some = working_set(all, kernel, Eigen::VectorXd::Constant(5, -2), 90);
    CHECK(std::count(some.losses.begin(), some.losses.end(), 1 - common) == 3);
  }
}
