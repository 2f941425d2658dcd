// What a call throws, for tests of messages.
#pragma once

#include <string>

namespace support {

/// The message of the E that `call` throws; "nothing" and "something else" otherwise.
template <class E, class Call>
[[nodiscard]] std::string thrown(const Call& call) {
  try {
    static_cast<void>(call());
  } catch (const E& error) {
    return error.what();
  } catch (...) {
    return "something else";
  }
  return "nothing";
}

}  // namespace support
