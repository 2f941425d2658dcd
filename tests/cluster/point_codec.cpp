#include <cstdint>
#include <string>
#include <vector>

#include <support/catch.hpp>

#include <hposearch/cluster/evaluator.hpp>
#include <hposearch/cluster/point_codec.hpp>
#include <hposearch/space/categorical.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/ordinal.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/to_dynamic.hpp>

using namespace hposearch;
using namespace hposearch::cluster;

namespace {

enum class Pool { max, avg };
struct Shape {
  int width = 0;
  friend bool operator==(const Shape&, const Shape&) = default;
};

auto make_space() {
  return Space{Real{"rate", 1e-6, 1e+1, log_scale},
               Integer{"channel", -3, 7},
               Categorical{"pool", {Pool::max, Pool::avg}, {.names = {"max", "avg"}}},
               Categorical{"bias", {true, false}},
               Categorical{"name", {"a", "b"}},
               Categorical{"shape", {Shape{1}, Shape{2}}, {.names = {"one", "two"}}},
               Ordinal{"size", {1.5, 2.5}}};
}

}  // namespace

TEST_CASE("Points of any type come back exactly", "[cluster]") {
  const auto space = make_space();
  const auto point = space.make_point(0.1, -3, Pool::avg, false, "b", Shape{2}, 2.5);
  CHECK(decode_point(space, encode_point(point)) == point);
  const DynamicSpace dynamic = to_dynamic(space);
  const auto dynamic_point = decode_point(dynamic, encode_point(point));
  CHECK(dynamic_point.get<double>("rate") == 0.1);
  CHECK(dynamic_point.get<std::string>("shape") == "two");
  CHECK(decode_point(space, encode_point(dynamic_point)) == point);
}

TEST_CASE("Points on the wire are maps of plain values", "[cluster]") {
  const Space space{Real{"x", 0.0, 1.0}, Integer{"n", 0, 9}, Categorical{"c", {"a", "b"}}};
  CHECK(encode_point(space.make_point(0.5, 3, "b")) ==
        Bytes{0xa3, 0x61, 'x', 0xfb, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0, 0x61, 'n', 0x03, 0x61, 'c', 0x61, 'b'});
}

TEST_CASE("What is no point of the space is refused", "[cluster]") {
  const Space space{Real{"x", 0.0, 1.0}, Integer{"n", 0, 9}};
  const auto decode = [&](const std::vector<NamedValue>& values) {
    Bytes bytes;
    CborWriter out{bytes};
    out.map(values.size());
    for (const auto& [name, value] : values) {
      out.text(name);
      write_value(out, value);
    }
    return decode_point(space, bytes);
  };
  CHECK(decode({{"n", std::int64_t{3}}, {"x", std::int64_t{1}}, {"more", true}}) == space.make_point(1.0, 3));
  CHECK_THROWS_AS(decode({{"x", 0.5}}), InvalidPoint);
  CHECK_THROWS_AS(decode({{"x", 2.0}, {"n", std::int64_t{3}}}), InvalidPoint);
  CHECK_THROWS_AS(decode({{"x", 0.5}, {"n", 3.0}}), InvalidPoint);
  CHECK_THROWS_AS(decode({{"x", std::string{"a"}}, {"n", std::int64_t{3}}}), InvalidPoint);
  CHECK_THROWS_AS(decode_point(space, Bytes{0x01}), MalformedMessage);
  CHECK_THROWS_AS(decode_point(space, Bytes{0xa1, 0x61, 'x', 0x80}), MalformedMessage);
}

TEST_CASE("An evaluator calls the objective at the point that was sent", "[cluster]") {
  const auto space = make_space();
  const auto evaluator = make_evaluator(space, [](double rate, int channel, Pool pool, bool bias,
                                                  const std::string& name, const Shape& shape, double size) {
    return rate + channel + (pool == Pool::avg ? 100 : 0) + (bias ? 1000 : 0) + (name == "b" ? 10000 : 0) +
           shape.width + size;
  });
  CHECK(evaluator.space == space.fingerprint());
  TrialContext context{0, 0, 1, {}};
  const auto point = space.make_point(0.5, 7, Pool::avg, true, "b", Shape{2}, 2.5);
  CHECK(evaluator.evaluate(encode_point(point), context) == 11112.0);
}
