/// \file
/// Random bytes for secrets and names.
#pragma once

#include <span>

#include <openssl/rand.h>

#include <hposearch/error.hpp>

namespace hposearch::inline v0::cluster {

/// Fills `bytes` with random ones from the system, fit for secrets.
/// \throws Error if it has none
inline void fill_with_random(std::span<unsigned char> bytes) {
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) throw Error("the system gives no random bytes");
}

}  // namespace hposearch::inline v0::cluster
