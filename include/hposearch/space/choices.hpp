/// \file
/// What Categorical and Ordinal have in common: a dimension whose values are listed.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <hposearch/error.hpp>
#include <hposearch/space/encoded_space.hpp>
#include <hposearch/space/rules.hpp>
#include <hposearch/space/value.hpp>

namespace hposearch::inline v0 {

/// What a choice may be: any type that can be copied and compared.
template <class T>
concept Choice = std::copyable<T> && std::equality_comparable<T>;

/// What may be said about a dimension of choices beyond its choices.
template <Choice T>
struct ChoiceOptions {
  std::optional<T> initial = std::nullopt;  ///< the declared default, one of the choices
  std::vector<std::string> names = {};      ///< texts of the choices, for types without a text and enumerations
};

namespace detail {

// String literals and views are kept as strings: a dimension owns its choices.
template <class T>
struct ChoiceType {
  using type = T;
};
template <std::convertible_to<std::string_view> T>
struct ChoiceType<T> {
  using type = std::string;
};
template <class T>
using choice_type = typename ChoiceType<T>::type;

// Ranges, without the cost of including <ranges>.
template <class R>
concept ChoiceRange = !std::convertible_to<R, std::string_view> && requires(const R& range) {
  std::begin(range);
  std::end(range);
};
template <class R>
using range_choice_type = choice_type<std::iter_value_t<decltype(std::begin(std::declval<const R&>()))>>;

/// A dimension of listed values; see Categorical and Ordinal.
template <Choice T, DimensionKind Kind>
class Choices {
 public:
  using value_type = T;

  Choices(std::string name, std::initializer_list<T> choices, ChoiceOptions<T> options = {})
      : Choices(std::move(name), std::vector<T>(choices), std::move(options)) {}

  /// From a list of what converts explicitly only, such as views of strings.
  template <class U>
    requires(std::constructible_from<T, const U&>)
  Choices(std::string name, std::initializer_list<U> choices, ChoiceOptions<T> options = {})
      : Choices(std::move(name), std::vector<T>(choices.begin(), choices.end()), std::move(options)) {}

  template <ChoiceRange R>
  Choices(std::string name, const R& choices, ChoiceOptions<T> options = {})
      : name_(std::move(name)), choices_(std::begin(choices), std::end(choices)), names_(std::move(options.names)) {
    check_name(name_);
    require(!choices_.empty(), "{}", "there must be at least one choice");
    require(names_.empty() || names_.size() == choices_.size(), to_text(names_.size()) + " names",
            "each of the " + to_text(choices_.size()) + " choices needs one name");
    if (names_.empty()) make_names();
    check_distinct();
    if (options.initial) {
      require(contains(*options.initial), "initial " + message_text(*options.initial), "the initial value " + rule());
      initial_ = std::move(options.initial);
    }
  }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] const std::vector<T>& choices() const noexcept { return choices_; }
  /// The texts of the choices, in the same order.
  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
  [[nodiscard]] const std::optional<T>& initial() const noexcept { return initial_; }

  [[nodiscard]] EncodedDimension encoded() const {
    auto dimension = axis();
    dimension.name = name_;
    if (initial_) dimension.initial = encode(*initial_);
    return dimension;
  }

  [[nodiscard]] bool contains(const T& value) const { return index(value) < choices_.size(); }

  /// \throws InvalidPoint where the value is none of the choices
  [[nodiscard]] double encode(const T& value) const {
    const std::size_t k = index(value);
    if (k == choices_.size()) throw InvalidPoint(name_, message_text(value), rule());
    return axis().centre(k);
  }

  [[nodiscard]] T decode(double u) const { return choices_[axis().cell(u)]; }

  /// The name of a choice; "?" for a value that is none.
  [[nodiscard]] std::string text(const T& value) const {
    const std::size_t k = index(value);
    return k < names_.size() ? names_[k] : "?";
  }

  [[nodiscard]] std::string signature() const {
    std::string text = Kind == DimensionKind::categorical ? "cat" : "ord";
    // With their lengths, so that no two lists of names give the same text.
    for (const auto& name : names_) text += ' ' + to_text(name.size()) + ':' + name;
    return text;
  }

  /// What a value must be, for messages.
  [[nodiscard]] std::string rule() const {
    constexpr std::size_t shown = 10;
    std::string text = "must be one of ";
    for (std::size_t k = 0; k < std::min(shown, names_.size()); ++k) text += (k == 0 ? "" : ", ") + names_[k];
    if (names_.size() > shown) text += ", ... (" + to_text(names_.size()) + " choices)";
    return text;
  }

 private:
  [[nodiscard]] std::size_t index(const T& value) const {
    return static_cast<std::size_t>(std::find(choices_.begin(), choices_.end(), value) - choices_.begin());
  }

  [[nodiscard]] EncodedDimension axis() const {
    EncodedDimension dimension;
    dimension.kind = Kind;
    dimension.cells = choices_.size();
    return dimension;
  }

  void make_names() {
    names_.reserve(choices_.size());
    for (std::size_t k = 0; k < choices_.size(); ++k) {
      if constexpr (Printable<T>) {
        names_.push_back(value_text(static_cast<const T&>(choices_[k])));
      } else {
        names_.push_back('#' + to_text(k));
      }
    }
  }

  void check_distinct() const {
    for (std::size_t k = 0; k < choices_.size(); ++k) {
      const T choice = choices_[k];
      require(choice == choice, names_[k], "a choice must equal itself");
      require(index(choice) == k, quoted(names_[k]), "the choices must differ");
      const auto first = std::find(names_.begin(), names_.end(), names_[k]);
      require(first == names_.begin() + static_cast<std::ptrdiff_t>(k), quoted(names_[k]),
              "the names of the choices must differ");
    }
  }

  void require(bool condition, const std::string& value, const std::string& rule) const {
    if (!condition) throw InvalidSpace(name_, value, rule);
  }

  std::string name_;
  std::vector<T> choices_;
  std::vector<std::string> names_;
  std::optional<T> initial_;
};

}  // namespace detail
}  // namespace hposearch::inline v0
