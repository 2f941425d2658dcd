/// \file
/// A short number that tells whether two spaces are the same.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <hposearch/space/dimension.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

/// FNV-1a (Fowler, Noll, Vo; 64 bits) of a sequence of texts. Not meant against malice.
class Fingerprint {
 public:
  /// Takes in a text and its length, so that "ab" + "c" differs from "a" + "bc".
  void add(std::string_view text) {
    append(to_text(text.size()));
    append(":");
    append(text);
  }

  /// Takes in what a dimension of a space means.
  template <Dimension D>
  void add(const D& dimension, const std::optional<typename D::value_type>& fixed) {
    add(dimension.name());
    add(dimension.signature());
    add(fixed ? "fixed " + dimension.text(*fixed) : "free");
  }

  [[nodiscard]] std::uint64_t value() const noexcept { return hash_; }

 private:
  void append(std::string_view text) {
    for (const char c : text) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }

  std::uint64_t hash_ = 0xcbf29ce484222325;
};

}  // namespace hposearch::inline v0
