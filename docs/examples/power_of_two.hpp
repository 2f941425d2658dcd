#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <hposearch/error.hpp>
#include <hposearch/space/dimension.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/space/rules.hpp>
#include <hposearch/text.hpp>

// The powers of two from 2^first to 2^last, all equally far apart for the sampler.
class PowerOfTwo {
 public:
  using value_type = std::int64_t;

  PowerOfTwo(std::string name, int first, int last) : name_(std::move(name)), first_(first), last_(last) {
    hposearch::check_name(name_);
    if (!(0 <= first && first <= last && last < 63)) {
      throw hposearch::InvalidSpace(name_, range(), "the exponents must be in order, from 0 to 62");
    }
  }

  const std::string& name() const { return name_; }

  hposearch::EncodedDimension encoded() const {
    hposearch::EncodedDimension axis;
    axis.name = name_;
    axis.kind = hposearch::DimensionKind::ordered;
    axis.cells = static_cast<std::size_t>(last_ - first_ + 1);
    return axis;
  }

  bool contains(std::int64_t value) const {
    return value > 0 && std::has_single_bit(static_cast<std::uint64_t>(value)) && exponent(value) >= first_ &&
           exponent(value) <= last_;
  }

  double encode(std::int64_t value) const {
    if (!contains(value)) {
      throw hposearch::InvalidPoint(name_, hposearch::to_text(value), "must be a power of two, " + range());
    }
    return encoded().centre(static_cast<std::size_t>(exponent(value) - first_));
  }

  std::int64_t decode(double u) const {
    return std::int64_t{1} << (static_cast<std::size_t>(first_) + encoded().cell(u));
  }

  static std::optional<std::int64_t> initial() { return {}; }
  static std::string text(std::int64_t value) { return hposearch::to_text(value); }
  std::string signature() const { return "power of two " + range(); }

 private:
  static int exponent(std::int64_t value) { return std::countr_zero(static_cast<std::uint64_t>(value)); }
  std::string range() const { return "2^" + hposearch::to_text(first_) + " to 2^" + hposearch::to_text(last_); }

  std::string name_;
  int first_, last_;
};

static_assert(hposearch::Dimension<PowerOfTwo>);
