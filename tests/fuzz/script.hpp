// The input of a fuzzer as a sequence of numbers and bytes. An exhausted one gives zeros.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <hposearch/cluster/bytes.hpp>

class Script {
 public:
  Script(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }
  [[nodiscard]] unsigned byte() { return empty() ? 0U : take(1)[0]; }
  /// Below `limit`, which is at most 256.
  [[nodiscard]] unsigned below(unsigned limit) { return byte() % limit; }
  /// As many bytes as the next one says.
  [[nodiscard]] hposearch::cluster::ByteView bytes() { return take(std::min<std::size_t>(byte(), rest_.size())); }

 private:
  hposearch::cluster::ByteView take(std::size_t count) {
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }
  hposearch::cluster::ByteView rest_;
};
