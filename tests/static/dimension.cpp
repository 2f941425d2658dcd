// Models of Dimension, and types that lack one of its requirements each.
#include <memory>
#include <optional>
#include <string>

#include <support/catch.hpp>

#include <hposearch/space/categorical.hpp>
#include <hposearch/space/dimension.hpp>
#include <hposearch/space/dynamic_dimension.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/ordinal.hpp>
#include <hposearch/space/real.hpp>

namespace {

namespace hpo = hposearch;

static_assert(hpo::Dimension<hpo::Real> && hpo::Dimension<hpo::Integer>);
static_assert(hpo::Dimension<hpo::Categorical<std::string>> && hpo::Dimension<hpo::Categorical<bool>>);
static_assert(hpo::Dimension<hpo::Ordinal<double>> && hpo::Dimension<hpo::DynamicDimension>);

struct Model {
  using value_type = double;
  std::string name() const { return "x"; }
  hpo::EncodedDimension encoded() const { return {}; }
  bool contains(double) const { return true; }
  double encode(double value) const { return value; }
  double decode(double u) const { return u; }
  std::optional<double> initial() const { return {}; }
  std::string text(double) const { return ""; }
  std::string signature() const { return ""; }
};
static_assert(hpo::Dimension<Model>);

struct NoValueType : Model {
 private:
  using value_type = double;
};
struct NoName : Model {
  void name() const {}
};
struct NoAxis : Model {
  int encoded() const { return 0; }
};
struct NoContains : Model {
  void contains(double) const {}
};
struct EncodesToFloat : Model {
  float encode(double) const { return 0; }
};
struct DecodesToFloat : Model {
  float decode(double) const { return 0; }
};
struct NoInitial : Model {
  void initial() const {}
};
struct NoText : Model {
  void text(double) const {}
};
struct NoSignature : Model {
  void signature() const {}
};
struct NotCopyable : Model {
  std::unique_ptr<int> held;
};
struct NotConst : Model {
  double encode(double value) { return value; }
};
static_assert(!hpo::Dimension<NoValueType> && !hpo::Dimension<NoName> && !hpo::Dimension<NoAxis>);
static_assert(!hpo::Dimension<NoContains> && !hpo::Dimension<EncodesToFloat> && !hpo::Dimension<DecodesToFloat>);
static_assert(!hpo::Dimension<NoInitial> && !hpo::Dimension<NoText> && !hpo::Dimension<NoSignature>);
static_assert(!hpo::Dimension<NotCopyable> && !hpo::Dimension<NotConst> && !hpo::Dimension<int>);

}  // namespace

TEST_CASE("What a dimension is, is checked at compile time") { SUCCEED(); }
