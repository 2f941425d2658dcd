// A worker whose head says anything in any order: no slot ever has two tasks, and it leaves in the end.
#include <cstddef>
#include <cstdint>

#include "worker_play.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Script script{data, size};
  WorkerPlay play;
  while (!script.empty()) play.step(script);
  play.finish();
  return 0;
}
