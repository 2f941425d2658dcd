/// \file
/// A GPU's algebra by kernels, cuBLAS and cuSOLVER. Only for files that nvcc compiles, and empty for others; what links
/// it needs CUDA::cublas and CUDA::cusolver.
///
/// It has not run on a device yet.
#pragma once

#if defined(__CUDACC__)

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <cublas_v2.h>
#include <cuda_runtime.h>
#include <cusolverDn.h>

#include <hposearch/cuda/algebra.hpp>
#include <hposearch/cuda/buffer.hpp>
#include <hposearch/cuda/error.hpp>
#include <hposearch/cuda/lanes.hpp>
#include <hposearch/error.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0::cuda {

namespace detail {

template <class Body>
__global__ void run_each(Body body, std::size_t count) {
  const std::size_t i = blockIdx.x * std::size_t{blockDim.x} + threadIdx.x;
  if (i < count) body(i);
}

template <class Body>
__global__ void run_pairs(Body body, std::size_t rows, std::size_t columns) {
  const std::size_t i = blockIdx.x * std::size_t{blockDim.x} + threadIdx.x;
  for (std::size_t k = blockIdx.y; i < rows && k < columns; k += gridDim.y) body(i, k);
}

/// A block of `lanes` threads for each group.
template <int Width, class Body>
__global__ void run_sums(Body body, double* result) {
  __shared__ double partial[std::size_t{Width} * lanes];
  double own[Width];
  sum_lane<Width>(body, blockIdx.x, threadIdx.x, own);
  for (int w = 0; w < Width; ++w) partial[static_cast<unsigned>(w) * lanes + threadIdx.x] = own[w];
  for (unsigned half = lanes / 2; half > 0; half /= 2) {
    __syncthreads();
    join_lanes<Width>(partial, threadIdx.x, half);
  }
  if (threadIdx.x != 0) return;
  for (int w = 0; w < Width; ++w)
    result[static_cast<std::size_t>(w) + std::size_t{Width} * blockIdx.x] = partial[static_cast<unsigned>(w) * lanes];
}

inline void check_cublas(cublasStatus_t status, const char* what) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  const std::string text = std::string{what} + ": " + cublasGetStatusName(status);
  if (status == CUBLAS_STATUS_ALLOC_FAILED) throw OutOfDeviceMemory(text);
  throw Error(text);
}
inline void check_cusolver(cusolverStatus_t status, const char* what) {
  if (status == CUSOLVER_STATUS_SUCCESS) return;
  const std::string text = std::string{what} + ": cuSOLVER status " + to_text(static_cast<int>(status));
  if (status == CUSOLVER_STATUS_ALLOC_FAILED) throw OutOfDeviceMemory(text);
  throw Error(text);
}

template <class T, auto destroy>
struct DestroyHandle {
  void operator()(T* handle) const noexcept { static_cast<void>(destroy(handle)); }
};
template <class T, auto destroy>
using Handle = std::unique_ptr<T, DestroyHandle<T, destroy>>;

}  // namespace detail

/// The Algebra of the device that is current when it is made, in one stream.
class DeviceAlgebra {
 public:
  template <class T>
  using Buffer = cuda::Buffer<T>;

  /// \throws OutOfDeviceMemory, Error
  explicit DeviceAlgebra(cudaStream_t stream = nullptr) : stream_(stream) {
    cublasHandle_t blas = nullptr;
    detail::check_cublas(cublasCreate(&blas), "cublasCreate");
    blas_.reset(blas);
    cusolverDnHandle_t solver = nullptr;
    detail::check_cusolver(cusolverDnCreate(&solver), "cusolverDnCreate");
    solver_.reset(solver);
    cusolverDnParams_t parameters = nullptr;
    detail::check_cusolver(cusolverDnCreateParams(&parameters), "cusolverDnCreateParams");
    parameters_.reset(parameters);
    detail::check_cublas(cublasSetStream(blas, stream), "cublasSetStream");
    detail::check_cusolver(cusolverDnSetStream(solver, stream), "cusolverDnSetStream");
    info_.emplace(1);
  }

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
  [[nodiscard]] std::size_t free_memory() const {
    std::size_t free = 0, total = 0;
    check(cudaMemGetInfo(&free, &total), "cudaMemGetInfo");
    return free;
  }
  /// Waits until all is done.
  void synchronise() const { check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize"); }

  template <class Body>
  void for_each(std::size_t count, const Body& body) const {
    if (count == 0) return;
    detail::run_each<<<blocks(count), threads, 0, stream_>>>(body, count);
    check(cudaGetLastError(), "for_each");
  }
  template <class Body>
  void for_each_pair(std::size_t rows, std::size_t columns, const Body& body) const {
    constexpr std::size_t most_blocks = 65'535;
    if (rows == 0 || columns == 0) return;
    const dim3 grid{blocks(rows), static_cast<unsigned>(std::min(columns, most_blocks))};
    detail::run_pairs<<<grid, threads, 0, stream_>>>(body, rows, columns);
    check(cudaGetLastError(), "for_each_pair");
  }
  template <int Width, class Body>
  void sums(std::size_t groups, const Body& body, Buffer<double>& result) const {
    if (groups == 0) return;
    detail::run_sums<Width><<<static_cast<unsigned>(groups), lanes, 0, stream_>>>(body, result.data());
    check(cudaGetLastError(), "sums");
  }

  [[nodiscard]] bool cholesky(double* matrix, std::size_t n, std::size_t stride) {
    const auto size = static_cast<std::int64_t>(n), columns = static_cast<std::int64_t>(stride);
    std::size_t on_device = 0, on_host = 0;
    detail::check_cusolver(cusolverDnXpotrf_bufferSize(solver_.get(), parameters_.get(), lower, size, CUDA_R_64F,
                                                       matrix, columns, CUDA_R_64F, &on_device, &on_host),
                           "cusolverDnXpotrf_bufferSize");
    host_work_.resize(on_host);
    detail::check_cusolver(
        cusolverDnXpotrf(solver_.get(), parameters_.get(), lower, size, CUDA_R_64F, matrix, columns, CUDA_R_64F,
                         work(on_device), on_device, host_work_.data(), on_host, info_->data()),
        "cusolverDnXpotrf");
    return succeeded("cusolverDnXpotrf");
  }

  void solve_lower(const double* factor, std::size_t n, std::size_t stride, double* b, std::size_t columns,
                   std::size_t b_stride) const {
    solve_triangle(CUBLAS_OP_N, factor, n, stride, b, columns, b_stride);
  }
  void solve(const double* factor, std::size_t n, std::size_t stride, double* b, std::size_t columns,
             std::size_t b_stride) const {
    solve_triangle(CUBLAS_OP_N, factor, n, stride, b, columns, b_stride);
    solve_triangle(CUBLAS_OP_T, factor, n, stride, b, columns, b_stride);
  }

  void inverse(double* factor, std::size_t n, std::size_t stride) {
    int elements = 0;
    detail::check_cusolver(
        cusolverDnDpotri_bufferSize(solver_.get(), lower, number(n), factor, number(stride), &elements),
        "cusolverDnDpotri_bufferSize");
    auto* space = static_cast<double*>(work(static_cast<std::size_t>(elements) * sizeof(double)));
    detail::check_cusolver(
        cusolverDnDpotri(solver_.get(), lower, number(n), factor, number(stride), space, elements, info_->data()),
        "cusolverDnDpotri");
    if (!succeeded("cusolverDnDpotri")) throw Error("cusolverDnDpotri: the factor is singular");
  }

  void symmetric_times(const double* matrix, std::size_t n, std::size_t stride, const double* x, double* y) const {
    const double one = 1, zero = 0;
    detail::check_cublas(cublasDsymv(blas_.get(), lower, number(n), &one, matrix, number(stride), x, 1, &zero, y, 1),
                         "cublasDsymv");
  }
  void transposed_times(const double* matrix, std::size_t rows, std::size_t columns, std::size_t stride,
                        const double* x, double* y) const {
    const double one = 1, zero = 0;
    detail::check_cublas(cublasDgemv(blas_.get(), CUBLAS_OP_T, number(rows), number(columns), &one, matrix,
                                     number(stride), x, 1, &zero, y, 1),
                         "cublasDgemv");
  }

  [[nodiscard]] std::vector<bool> cholesky_batched(double* matrices, std::size_t n, std::size_t count) {
    if (count == 0) return {};
    const Buffer<double*> pointers = pointers_to(matrices, n * n, count);
    Buffer<int> info{count};
    detail::check_cusolver(
        cusolverDnDpotrfBatched(solver_.get(), lower, number(n), const_cast<double**>(pointers.data()), number(n),
                                info.data(), number(count)),
        "cusolverDnDpotrfBatched");
    std::vector<int> found(count);
    info.download(found, stream_);
    std::vector<bool> definite(count);
    for (std::size_t i = 0; i < count; ++i) definite[i] = found[i] == 0;
    return definite;
  }
  void solve_batched(double* factors, std::size_t n, std::size_t count, double* b, std::size_t columns) const {
    if (count == 0) return;
    const Buffer<double*> matrices = pointers_to(factors, n * n, count), rights = pointers_to(b, n * columns, count);
    const double one = 1;
    for (const cublasOperation_t operation : {CUBLAS_OP_N, CUBLAS_OP_T})
      detail::check_cublas(cublasDtrsmBatched(blas_.get(), CUBLAS_SIDE_LEFT, lower, operation, CUBLAS_DIAG_NON_UNIT,
                                              number(n), number(columns), &one, matrices.data(), number(n),
                                              rights.data(), number(n), number(count)),
                           "cublasDtrsmBatched");
    synchronise();  // the pointers are in use until then
  }

  /// For what is not here.
  [[nodiscard]] cublasHandle_t blas() const noexcept { return blas_.get(); }
  [[nodiscard]] cudaStream_t stream() const noexcept { return stream_; }

 private:
  static constexpr unsigned threads = 256;
  static constexpr cublasFillMode_t lower = CUBLAS_FILL_MODE_LOWER;

  // Sizes as cuBLAS takes them; most_points bounds them, and memory bounds numbers of columns.
  [[nodiscard]] static int number(std::size_t n) { return static_cast<int>(n); }
  [[nodiscard]] static unsigned blocks(std::size_t count) {
    return static_cast<unsigned>((count + threads - 1) / threads);
  }

  void solve_triangle(cublasOperation_t operation, const double* factor, std::size_t n, std::size_t stride, double* b,
                      std::size_t columns, std::size_t b_stride) const {
    const double one = 1;
    detail::check_cublas(cublasDtrsm(blas_.get(), CUBLAS_SIDE_LEFT, lower, operation, CUBLAS_DIAG_NON_UNIT, number(n),
                                     number(columns), &one, factor, number(stride), b, number(b_stride)),
                         "cublasDtrsm");
  }

  // What cuSOLVER asks for, kept for the next call.
  [[nodiscard]] void* work(std::size_t bytes) {
    if (!work_ || work_->size() < bytes) {
      synchronise();
      work_.reset();
      work_.emplace(bytes);
    }
    return work_->data();
  }

  [[nodiscard]] bool succeeded(const char* what) {
    int info = 0;
    info_->download({&info, 1}, stream_);
    if (info < 0) throw Error(std::string{what} + ": argument " + to_text(-info) + " is wrong");
    return info == 0;
  }

  [[nodiscard]] Buffer<double*> pointers_to(double* first, std::size_t stride, std::size_t count) const {
    std::vector<double*> pointers(count);
    for (std::size_t i = 0; i < count; ++i) pointers[i] = first + stride * i;
    Buffer<double*> result{count};
    result.upload(pointers, stream_);
    return result;
  }

  cudaStream_t stream_;
  detail::Handle<cublasContext, cublasDestroy> blas_;
  detail::Handle<cusolverDnContext, cusolverDnDestroy> solver_;
  detail::Handle<cusolverDnParams, cusolverDnDestroyParams> parameters_;
  std::optional<Buffer<int>> info_;
  std::optional<Buffer<std::byte>> work_;
  std::vector<std::byte> host_work_;
};

static_assert(Algebra<DeviceAlgebra>);

}  // namespace hposearch::inline v0::cuda

#endif
