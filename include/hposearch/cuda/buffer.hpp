/// \file
/// Memory of a device.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>

#include <cuda_runtime_api.h>

#include <hposearch/cuda/error.hpp>

namespace hposearch::inline v0::cuda {

/// An array on the device that is current when it is made.
template <class T>
class Buffer {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  /// \throws OutOfDeviceMemory, Error
  explicit Buffer(std::size_t count) : size_(count) {
    void* memory = nullptr;
    if (count > 0) check(cudaMalloc(&memory, count * sizeof(T)), "cudaMalloc");
    memory_.reset(static_cast<T*>(memory));
  }

  /// Where it is: of no meaning to the processor.
  [[nodiscard]] T* data() noexcept { return memory_.get(); }
  [[nodiscard]] const T* data() const noexcept { return memory_.get(); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Copies to its beginning, in the order of the stream. `from` can be changed as soon as this returns unless it is
  /// pinned.
  void upload(std::span<const T> from, cudaStream_t stream) {
    check(cudaMemcpyAsync(data(), from.data(), from.size_bytes(), cudaMemcpyHostToDevice, stream), "upload");
  }
  /// Copies from its beginning, once what is in the stream is done.
  void download(std::span<T> to, cudaStream_t stream) const {
    check(cudaMemcpyAsync(to.data(), data(), to.size_bytes(), cudaMemcpyDeviceToHost, stream), "download");
    check(cudaStreamSynchronize(stream), "cudaStreamSynchronize");
  }

 private:
  struct Free {
    void operator()(T* memory) const noexcept { static_cast<void>(cudaFree(memory)); }
  };
  std::unique_ptr<T, Free> memory_;
  std::size_t size_;
};

}  // namespace hposearch::inline v0::cuda
