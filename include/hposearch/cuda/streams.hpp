/// \file
/// A device and a stream for each trial.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <cuda_runtime_api.h>

#include <hposearch/cuda/devices.hpp>
#include <hposearch/cuda/error.hpp>
#include <hposearch/executor/gpu/fault.hpp>
#include <hposearch/executor/parse.hpp>
#include <hposearch/trial/context.hpp>

namespace hposearch::inline v0::cuda {

/// Owns a stream on the device that was current when it was made.
class Stream {
 public:
  Stream() { check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreate"); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream() { static_cast<void>(cudaStreamDestroy(stream_)); }

  [[nodiscard]] cudaStream_t get() const noexcept { return stream_; }

 private:
  cudaStream_t stream_ = nullptr;
};

/// The stream of a trial; the default one if it was given none.
[[nodiscard]] inline cudaStream_t stream(const TrialContext& context) noexcept {
  const Stream* found = context.find<Stream>();
  return found == nullptr ? nullptr : found->get();
}

/// The number by which this process's CUDA calls know a device of TrialContext::devices().
/// \throws DeviceLost if they know it not; Error
[[nodiscard]] inline int device_number(const std::string& id) {
  int count = 0;
  check(cudaGetDeviceCount(&count), "cudaGetDeviceCount");
  for (int i = 0; i < count; ++i) {
    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, i), "cudaGetDeviceProperties");
    if (detail::uuid_text(properties.uuid).starts_with(id)) return i;
  }
  // An index counts all devices, or it stands in the list that says which of them this process sees.
  const char* visible = std::getenv("CUDA_VISIBLE_DEVICES");
  if (visible == nullptr) {
    const auto index = detail::parse_number<int>(id);
    if (index && *index >= 0 && *index < count) return *index;
  } else {
    std::string_view rest = visible;
    for (int i = 0; i < count && !rest.empty(); ++i)
      if (detail::cut(rest, ',') == id) return i;
  }
  throw DeviceLost("CUDA has no device " + id);
}

/// For LocalGpusOptions::enter: makes the first device of its slot current for each trial and gives it the slot's
/// stream, which cuda::stream(context) returns. Streams are kept for the slot's next trial.
[[nodiscard]] inline std::function<std::shared_ptr<void>(TrialContext&)> streams() {
  struct Streams {
    std::mutex mutex;
    std::map<std::size_t, std::shared_ptr<Stream>> of_slot;
  };
  return [all = std::make_shared<Streams>()](TrialContext& context) -> std::shared_ptr<void> {
    if (context.devices().empty()) return nullptr;
    check(cudaSetDevice(device_number(context.devices().front())), "cudaSetDevice");
    const std::lock_guard lock(all->mutex);
    std::shared_ptr<Stream>& stream = all->of_slot[context.slot()];
    // A trial that was given up may still use the slot's stream.
    if (!stream || stream.use_count() > 1) stream = std::make_shared<Stream>();
    context.offer(*stream);
    return stream;
  };
}

}  // namespace hposearch::inline v0::cuda
