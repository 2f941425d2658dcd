/// \file
/// By what others know a process.
#pragma once

#include <array>
#include <string>

#include <unistd.h>

#include <hposearch/cluster/private_file.hpp>

namespace hposearch::inline v0::cluster {

/// "host", or nothing where that cannot be known.
[[nodiscard]] inline std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string{name.data()} : std::string{};
}

/// A random id of 32 hexadecimal digits.
[[nodiscard]] inline std::string random_id() {
  const auto digits = hposearch::detail::random_digits(16);
  return {reinterpret_cast<const char*>(digits.data()), digits.size()};
}

}  // namespace hposearch::inline v0::cluster
