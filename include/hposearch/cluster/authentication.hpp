/// \file
/// How two sides prove to each other that they have the same token, without sending it.
#pragma once

#include <cstddef>
#include <string_view>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <hposearch/cluster/bytes.hpp>
#include <hposearch/cluster/message.hpp>
#include <hposearch/cluster/random_bytes.hpp>
#include <hposearch/error.hpp>

namespace hposearch::inline v0::cluster {

/// Whose proof it is: one side's proof is of no use to the other.
enum class Side : unsigned char { head, worker, program };

/// HMAC-SHA256 under the token of: "hposearch head", "hposearch worker" or "hposearch program", a zero byte, the nonce
/// of the side that listens, the other's nonce, the other's id. \throws Error if OpenSSL fails
[[nodiscard]] inline Proof make_proof(ByteView token, Side side, const Nonce& head_nonce, const Nonce& worker_nonce,
                                      std::string_view worker) {
  using namespace std::string_view_literals;
  Bytes text;
  append(text, bytes_of(side == Side::head     ? "hposearch head\0"sv
                        : side == Side::worker ? "hposearch worker\0"sv
                                               : "hposearch program\0"sv));
  append(text, head_nonce);
  append(text, worker_nonce);
  append(text, bytes_of(worker));
  Proof proof{};
  unsigned int length = 0;
  if (HMAC(EVP_sha256(), token.data(), static_cast<int>(token.size()), text.data(), text.size(), proof.data(),
           &length) == nullptr ||
      length != proof.size())
    throw Error("OpenSSL cannot compute HMAC-SHA256");
  return proof;
}

/// In a time that does not depend on the bytes.
[[nodiscard]] inline bool same_proof(const Proof& a, const Proof& b) noexcept {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

/// \throws Error if the system has no random bytes
[[nodiscard]] inline Nonce random_nonce() {
  Nonce nonce{};
  fill_with_random(nonce);
  return nonce;
}

}  // namespace hposearch::inline v0::cluster
