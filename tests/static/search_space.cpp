// Models of SearchSpace, and types that lack one of its requirements each.
#include <cstddef>
#include <cstdint>
#include <memory>

#include <support/catch.hpp>

#include <hposearch/space/dynamic_space.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/search_space.hpp>
#include <hposearch/space/space.hpp>

namespace {

namespace hpo = hposearch;

static_assert(hpo::SearchSpace<hpo::Space<hpo::Real>> && hpo::SearchSpace<hpo::DynamicSpace>);

struct Model {
  using point_type = double;
  std::size_t size() const { return 1; }
  const hpo::EncodedSpace& encoded() const { return axes; }
  hpo::EncodedPoint encode(double) const { return hpo::EncodedPoint(1); }
  double decode(const Eigen::Ref<const hpo::EncodedPoint>& row) const { return row[0]; }
  std::uint64_t fingerprint() const { return 0; }
  hpo::EncodedSpace axes;
};
static_assert(hpo::SearchSpace<Model>);

struct Incomparable {};
struct NoEquality : Model {
  using point_type = Incomparable;
  hpo::EncodedPoint encode(Incomparable) const { return hpo::EncodedPoint(1); }
  Incomparable decode(const Eigen::Ref<const hpo::EncodedPoint>&) const { return {}; }
};
struct NoSize : Model {
  void size() const {}
};
struct NoAxes : Model {
  int encoded() const { return 0; }
};
struct EncodesToDouble : Model {
  double encode(double) const { return 0; }
};
struct DecodesToInt : Model {
  int decode(const Eigen::Ref<const hpo::EncodedPoint>&) const { return 0; }
};
struct ShortFingerprint : Model {
  std::uint32_t fingerprint() const { return 0; }
};
struct NotCopyable : Model {
  std::unique_ptr<int> held;
};
static_assert(!hpo::SearchSpace<NoEquality> && !hpo::SearchSpace<NoSize> && !hpo::SearchSpace<NoAxes>);
static_assert(!hpo::SearchSpace<EncodesToDouble> && !hpo::SearchSpace<DecodesToInt>);
static_assert(!hpo::SearchSpace<ShortFingerprint> && !hpo::SearchSpace<NotCopyable> && !hpo::SearchSpace<int>);

}  // namespace

TEST_CASE("What a search space is, is checked at compile time") { SUCCEED(); }
