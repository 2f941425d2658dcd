/// \file
/// The memory of a GPU, and kernels in place of loops.
#pragma once

#include <cstddef>
#include <span>

#include <cuda_runtime.h>

#include <hposearch/cuda/buffer.hpp>
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
  using Buffer = hposearch::cuda::Buffer<T>;

  template <class T>
  [[nodiscard]] Buffer<T> allocate(std::size_t count) const {
    return Buffer<T>{count};
  }
  template <class T>
  void upload(std::span<const T> from, Buffer<T>& to) const {
    to.upload(from, stream_);
  }
  template <class T>
  void download(const Buffer<T>& from, std::span<T> to) const {
    from.download(to, stream_);
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
