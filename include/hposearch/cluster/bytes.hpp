/// \file
/// Bytes as the cluster's protocol handles them.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace hposearch::inline v0::cluster {

using Bytes = std::vector<unsigned char>;
using ByteView = std::span<const unsigned char>;

[[nodiscard]] inline ByteView bytes_of(std::string_view text) noexcept {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

[[nodiscard]] inline std::string_view text_of(ByteView bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline void append(Bytes& bytes, ByteView more) { bytes.insert(bytes.end(), more.begin(), more.end()); }

}  // namespace hposearch::inline v0::cluster
