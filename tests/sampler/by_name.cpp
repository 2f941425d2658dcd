#include <string>

#include <support/catch.hpp>
#include <support/dimensions.hpp>
#include <support/sampler_properties.hpp>

#include <hposearch/sampler/by_name.hpp>

using namespace hposearch;

TEST_CASE("Every sampler is made by its name and by its alias") {
  const EncodedSpace space{{support::real(), support::integers(4), support::categories(3)}};
  for (const NamedSampler& sampler : named_samplers()) {
    CAPTURE(sampler.name);
    const SuggestRequest request{space, History{3}, 1, 3, {}};
    const EncodedPoints points = make_sampler(sampler.name).suggest(request);
    CHECK(points.rows() == 3);
    CHECK(support::inside(points));
    if (!sampler.alias.empty()) CHECK(make_sampler(sampler.alias).suggest(request) == points);
  }
  CHECK_NOTHROW(make_sampler("latin_hypercube"));
  CHECK_NOTHROW(make_sampler("extra_trees"));
  CHECK_NOTHROW(make_sampler("tpe_multivariate"));
}

TEST_CASE("An unknown name is answered with all names") {
  for (const char* name : {"bayes", "", "TPE"}) {
    try {
      static_cast<void>(make_sampler(name));
      FAIL("no exception for " << name);
    } catch (const InvalidArgument& error) {
      CHECK(error.parameter() == "sampler");
      const std::string message = error.what();
      for (const NamedSampler& sampler : named_samplers()) {
        CHECK(message.find(std::string{sampler.name}) != std::string::npos);
      }
    }
  }
}

TEST_CASE("Every sampler plays a study on every kind of space") {
  for (const NamedSampler& sampler : named_samplers()) {
    CAPTURE(sampler.name);
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      numeric::Random random{seed};
      support::play(support::random_space(3, random), static_cast<support::Losses>(2 * seed), seed, 15, sampler.make);
    }
  }
}

TEST_CASE("A sampler that was registered has a name like the others") {
  CHECK_THROWS_AS(make_sampler("from elsewhere"), InvalidArgument);
  const auto make = [] { return AnySampler{RandomSampler{}}; };
  CHECK(register_sampler({"from elsewhere", "elsewhere", make}));
  CHECK_NOTHROW(make_sampler("elsewhere"));
  CHECK_FALSE(register_sampler({"from elsewhere", "", make}));
  CHECK_FALSE(register_sampler({"de", "", make}));
}
