/// \file
/// The memory of a GPU, and kernels in place of loops.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include <cuda_runtime.h>

#include <hposearch/cuda/error.hpp>

namespace digits_gpu {

template <class Body>
__global__ void run(Body body, int count) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < count) body(i);
}

/// A backend of Trainer on the current device. Everything is done in one stream, in order.
class Gpu {
 public:
  explicit Gpu(cudaStream_t stream) : stream_(stream) {}

  template <class T>
  class Buffer {
   public:
    explicit Buffer(std::size_t count) {
      T* memory = nullptr;
      hposearch::cuda::check(cudaMalloc(&memory, count * sizeof(T)), "cudaMalloc");
      memory_.reset(memory);
    }
    [[nodiscard]] T* data() const noexcept { return memory_.get(); }

   private:
    struct Free {
      void operator()(T* memory) const noexcept { static_cast<void>(cudaFree(memory)); }
    };
    std::unique_ptr<T, Free> memory_;
  };

  template <class T>
  [[nodiscard]] Buffer<T> allocate(std::size_t count) const {
    return Buffer<T>{count};
  }
  template <class T>
  void upload(std::span<const T> from, Buffer<T>& to) const {
    hposearch::cuda::check(cudaMemcpyAsync(to.data(), from.data(), from.size_bytes(), cudaMemcpyHostToDevice, stream_),
                           "upload");
  }
  template <class T>
  void download(const Buffer<T>& from, std::span<T> to) const {
    hposearch::cuda::check(cudaMemcpyAsync(to.data(), from.data(), to.size_bytes(), cudaMemcpyDeviceToHost, stream_),
                           "download");
    hposearch::cuda::check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize");
  }
  template <class Body>
  void for_each(int count, const Body& body) const {
    constexpr int threads = 256;
    run<<<static_cast<unsigned>((count + threads - 1) / threads), threads, 0, stream_>>>(body, count);
    hposearch::cuda::check(cudaGetLastError(), "kernel");
  }

 private:
  cudaStream_t stream_;
};

}  // namespace digits_gpu
