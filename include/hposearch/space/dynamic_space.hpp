/// \file
/// A search space whose dimensions are known at run time only.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <hposearch/error.hpp>
#include <hposearch/space/dynamic_dimension.hpp>
#include <hposearch/space/dynamic_point.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/space/fingerprint.hpp>
#include <hposearch/space/rules.hpp>
#include <hposearch/space/value.hpp>

namespace hposearch::inline v0 {

/// A name and its value.
struct NamedValue {
  std::string name;
  DynamicValue value;
};

/// As Space, for dimensions that are read from a file or built by a program. Objectives take its points:
/// `f(const DynamicPoint&)`, with a TrialContext& before or after if wanted.
///
///     DynamicSpace space{{Real{"rate", 1e-4, 1e-1, log_scale}, Categorical{"pool", {"max", "avg"}}}};
class DynamicSpace {
 public:
  using point_type = DynamicPoint;
  using dimensions_type = DynamicPoint::dimensions_type;

  /// \throws InvalidSpace where there is no dimension or two have the same name
  explicit DynamicSpace(dimensions_type dimensions)
      : dimensions_(std::make_shared<const dimensions_type>(std::move(dimensions))), fixed_(dimensions_->size()) {
    if (dimensions_->empty()) throw InvalidSpace("space", "{}", "there must be at least one dimension");
    check_distinct_names(names());
    for (std::size_t i = 0; i < size(); ++i) {
      const auto& dimension = (*dimensions_)[i];
      if (dimension.encoded().cells == 1) fixed_[i] = dimension.decode(0.5);
    }
    encode_dimensions();
  }

  [[nodiscard]] std::size_t size() const noexcept { return dimensions_->size(); }
  [[nodiscard]] const dimensions_type& dimensions() const noexcept { return *dimensions_; }
  [[nodiscard]] std::vector<std::string> names() const { return names_of(*dimensions_); }
  /// The values of the dimensions that are no part of the search, in the order of all dimensions.
  [[nodiscard]] const std::vector<std::optional<DynamicValue>>& fixed() const noexcept { return fixed_; }

  /// The free dimensions.
  [[nodiscard]] const EncodedSpace& encoded() const noexcept { return encoded_; }

  /// Takes a dimension out of the search: all points have this value there. A second call replaces the first.
  /// \throws InvalidSpace for an unknown name; InvalidPoint for a value that the dimension does not contain.
  ///   The space is then as before.
  DynamicSpace& fix(std::string_view name, const DynamicValue& value) {
    const std::size_t i = index(name);
    if (i == size()) throw unknown_name<InvalidSpace>(name, message_text(value), names());
    fixed_[i] = (*dimensions_)[i].canonical(value);
    encode_dimensions();
    return *this;
  }

  /// A point of this space from its values by name, in any order. Fixed dimensions may be left out.
  /// \throws InvalidPoint for a name that is unknown, missing or given twice, and a value that its dimension does not
  ///   contain or that disagrees with a fixed one
  [[nodiscard]] DynamicPoint make_point(const std::vector<NamedValue>& values) const {
    auto found = fixed_;
    std::vector<bool> given(size());
    for (const auto& [name, value] : values) {
      const std::size_t i = index(name);
      if (i == size()) throw unknown_name<InvalidPoint>(name, message_text(value), names());
      if (given[i]) throw InvalidPoint(name, message_text(value), "was given before");
      given[i] = true;
      found[i] = (*dimensions_)[i].canonical(value);
      check_fixed(i, *found[i]);
    }
    std::vector<DynamicValue> complete;
    for (std::size_t i = 0; i < size(); ++i) {
      if (!found[i]) throw InvalidPoint((*dimensions_)[i].name(), "nothing", must_have_value_rule);
      complete.push_back(*std::move(found[i]));
    }
    return {dimensions_, std::move(complete)};
  }

  /// Coordinates of the free dimensions.
  /// \throws InvalidPoint for a point outside the space
  [[nodiscard]] EncodedPoint encode(const DynamicPoint& point) const {
    if (point.size() != size()) {
      throw InvalidPoint("point", to_text(point.size()) + " values",
                         "there must be one for each of the " + to_text(size()) + " dimensions");
    }
    EncodedPoint row(static_cast<Eigen::Index>(encoded_.size()));
    Eigen::Index j = 0;
    for (std::size_t i = 0; i < size(); ++i) {
      const double u = (*dimensions_)[i].encode(point.value(i));
      check_fixed(i, point.value(i));
      if (!fixed_[i]) row[j++] = u;
    }
    return row;
  }

  /// The point at the coordinates of the free dimensions.
  /// \throws InvalidPoint for a wrong number of coordinates or NaN
  [[nodiscard]] DynamicPoint decode(const Eigen::Ref<const EncodedPoint>& row) const {
    check_coordinates(encoded_, row);
    std::vector<DynamicValue> values;
    values.reserve(size());
    Eigen::Index j = 0;
    for (std::size_t i = 0; i < size(); ++i) {
      values.push_back(fixed_[i] ? *fixed_[i] : (*dimensions_)[i].decode(row[j++]));
    }
    return {dimensions_, std::move(values)};
  }

  /// Of names, kinds, bounds, scales, steps, choices and fixed values; a Space of the same has the same.
  [[nodiscard]] std::uint64_t fingerprint() const {
    Fingerprint fingerprint;
    for (std::size_t i = 0; i < size(); ++i) {
      const auto& dimension = (*dimensions_)[i];
      fingerprint.add(dimension, fixed_[i]);
    }
    return fingerprint.value();
  }

 private:
  [[nodiscard]] std::size_t index(std::string_view name) const {
    const auto named = [&](const DynamicDimension& dimension) { return dimension.name() == name; };
    return static_cast<std::size_t>(std::find_if(dimensions_->begin(), dimensions_->end(), named) -
                                    dimensions_->begin());
  }

  void encode_dimensions() {
    std::vector<EncodedDimension> free;
    for (std::size_t i = 0; i < size(); ++i) {
      if (!fixed_[i]) free.push_back((*dimensions_)[i].encoded());
    }
    encoded_ = EncodedSpace{std::move(free)};
  }

  void check_fixed(std::size_t i, const DynamicValue& value) const {
    hposearch::check_fixed((*dimensions_)[i], fixed_[i], value);
  }

  std::shared_ptr<const dimensions_type> dimensions_;
  std::vector<std::optional<DynamicValue>> fixed_;
  EncodedSpace encoded_;
};

}  // namespace hposearch::inline v0
