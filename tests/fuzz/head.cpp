// A head among workers that say anything in any order: every trial ends once, whatever they do.
#include <cstddef>
#include <cstdint>

#include "head_play.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Script script{data, size};
  HeadPlay play;
  while (!script.empty()) play.step(script);
  play.finish();
  return 0;
}
