/// \file
/// The surrogate's posterior on a GPU, by cuBLAS and cuSOLVER. Only for files that nvcc compiles, and empty for others;
/// what links it needs CUDA::cublas and CUDA::cusolver.
///
/// No sampler uses it: it has not been measured, nor run at all, on a device.
#pragma once

#if defined(__CUDACC__)

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <Eigen/Core>
#include <cublas_v2.h>
#include <cuda_runtime.h>
#include <cusolverDn.h>

#include <hposearch/cuda/buffer.hpp>
#include <hposearch/cuda/correlation.hpp>
#include <hposearch/cuda/error.hpp>
#include <hposearch/error.hpp>
#include <hposearch/numeric/elementary.hpp>
#include <hposearch/surrogate/gaussian_process.hpp>
#include <hposearch/surrogate/kernel.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

namespace detail {

// Templates, as several translation units may have them.

/// Correlations of n points with m others, n x m. `diagonal` is added to the elements of the diagonal.
template <class Real>
__global__ void correlate_points(const Real* points, std::size_t n, const Real* others, std::size_t m,
                                 const Real* rates, std::size_t dimensions, Real diagonal, Real* result) {
  const std::size_t i = blockIdx.x * std::size_t{blockDim.x} + threadIdx.x;
  for (std::size_t k = blockIdx.y; i < n && k < m; k += gridDim.y)
    result[i + n * k] = cuda::correlation(points + i, n, others + k, m, rates, dimensions) + (i == k ? diagonal : 0);
}

/// The sum of the squares of each column. A block for each, of 256 threads, which add in a fixed order.
template <class Real>
__global__ void sum_squares(const Real* columns, std::size_t n, Real* sums) {
  __shared__ Real partial[256];
  const Real* column = columns + n * blockIdx.x;
  Real sum = 0;
  for (std::size_t i = threadIdx.x; i < n; i += blockDim.x) sum += column[i] * column[i];
  partial[threadIdx.x] = sum;
  for (unsigned half = blockDim.x / 2; half > 0; half /= 2) {
    __syncthreads();
    if (threadIdx.x < half) partial[threadIdx.x] += partial[threadIdx.x + half];
  }
  if (threadIdx.x == 0) sums[blockIdx.x] = partial[0];
}

inline void check_cublas(cublasStatus_t status, const char* what) {
  if (status != CUBLAS_STATUS_SUCCESS) throw Error(std::string{what} + ": " + cublasGetStatusName(status));
}
inline void check_cusolver(cusolverStatus_t status, const char* what) {
  if (status != CUSOLVER_STATUS_SUCCESS)
    throw Error(std::string{what} + ": cuSOLVER status " + to_text(static_cast<int>(status)));
}

}  // namespace detail

namespace cuda {

/// What GaussianProcess is on the processor, without pending points: conditioned on data, with fixed parameters. Equal
/// to it up to rounding, but not to the last bit, and not the same on every device.
class Posterior {
 public:
  /// \param parameters theta of the kernel, then log noise over scale; the others as for GaussianProcess
  /// \throws OutOfDeviceMemory: n^2 doubles must fit; Error
  Posterior(const Kernel& kernel, const Eigen::MatrixXd& points, const Eigen::VectorXd& targets,
            const Eigen::VectorXd& parameters, double mean, double scale, cudaStream_t stream = nullptr)
      : stream_(stream),
        n_(static_cast<std::size_t>(points.rows())),
        d_(static_cast<std::size_t>(points.cols())),
        scales_(kernel.scales(parameters)),
        noise_(numeric::exp(parameters[points.cols()])),
        mean_(mean),
        scale_(scale),
        points_(n_ * d_),
        rates_(d_),
        weights_(n_),
        factor_(n_ * n_) {
    blas_ = make<cublasContext, cublasDestroy>(cublasCreate, detail::check_cublas);
    solver_ = make<cusolverDnContext, cusolverDnDestroy>(cusolverDnCreate, detail::check_cusolver);
    detail::check_cublas(cublasSetStream(blas_.get(), stream_), "cublasSetStream");
    detail::check_cusolver(cusolverDnSetStream(solver_.get(), stream_), "cusolverDnSetStream");

    const Eigen::RowVectorXd rates = kernel.rates(parameters);
    rates_.upload({rates.data(), d_}, stream_);
    const Eigen::MatrixXd scaled = scaled_points(points);
    points_.upload({scaled.data(), n_ * d_}, stream_);
    factorise();
    const Eigen::VectorXd residuals = targets.array() - mean_;
    weights_.upload({residuals.data(), n_}, stream_);
    for (const cublasOperation_t operation : {CUBLAS_OP_N, CUBLAS_OP_T})
      detail::check_cublas(cublasDtrsv(blas_.get(), CUBLAS_FILL_MODE_LOWER, operation, CUBLAS_DIAG_NON_UNIT, rows(n_),
                                       factor_.data(), rows(n_), weights_.data(), 1),
                           "cublasDtrsv");
  }

  /// Variance of the noise over the scale, raised tenfold as often as it took.
  [[nodiscard]] double noise() const noexcept { return noise_; }

  /// As GaussianProcess::predict(), tile by tile.
  /// \param points m x d canonical points
  [[nodiscard]] Prediction predict(const Eigen::MatrixXd& points) const {
    const Eigen::Index m = points.rows();
    Prediction result{.mean = Eigen::ArrayXd(m), .variance = Eigen::ArrayXd(m)};
    const Eigen::Index tile = std::min<Eigen::Index>(m, std::max<Eigen::Index>(1, tile_bytes / (8 * rows(n_))));
    if (m == 0) return result;
    const auto most = static_cast<std::size_t>(tile);
    Buffer<double> others(most * d_), correlations(most * n_), sums(most);
    for (Eigen::Index first = 0; first < m; first += tile) {
      const Eigen::Index count = std::min(tile, m - first);
      predict_tile(points.middleRows(first, count), others, correlations, sums, result.mean.data() + first,
                   result.variance.data() + first);
    }
    return result;
  }

 private:
  static constexpr Eigen::Index tile_bytes = Eigen::Index{1} << 30;
  static constexpr double variance_floor = 1e-10;  // as in GaussianProcess

  template <class T, auto destroy>
  struct Destroy {
    void operator()(T* context) const noexcept { static_cast<void>(destroy(context)); }
  };
  template <class T, auto destroy, class Create, class Check>
  [[nodiscard]] static std::unique_ptr<T, Destroy<T, destroy>> make(const Create& create, const Check& check) {
    T* context = nullptr;
    check(create(&context), "a handle of cuBLAS or cuSOLVER");
    return std::unique_ptr<T, Destroy<T, destroy>>{context};
  }

  // Sizes as cuBLAS takes them. n is bounded by the memory for n^2 doubles long before this overflows.
  [[nodiscard]] static int rows(std::size_t n) { return static_cast<int>(n); }

  [[nodiscard]] Eigen::MatrixXd scaled_points(const Eigen::MatrixXd& points) const {
    return points.array().rowwise() * scales_.array();
  }

  void correlate(const Buffer<double>& others, std::size_t m, double diagonal, double* result) const {
    constexpr unsigned threads = 128, most_rows = 65535;
    const dim3 blocks(static_cast<unsigned>((n_ + threads - 1) / threads),
                      static_cast<unsigned>(std::min<std::size_t>(m, most_rows)));
    detail::correlate_points<<<blocks, threads, 0, stream_>>>(points_.data(), n_, others.data(), m, rates_.data(), d_,
                                                              diagonal, result);
    check(cudaGetLastError(), "correlate_points");
  }

  // The Cholesky factor of the covariance, in the lower triangle. Where that is not positive definite, the noise is
  // raised tenfold until it is.
  void factorise() {
    Buffer<int> info(1);
    const auto n = static_cast<std::int64_t>(n_);
    std::size_t on_device = 0, on_host = 0;
    detail::check_cusolver(cusolverDnXpotrf_bufferSize(solver_.get(), nullptr, CUBLAS_FILL_MODE_LOWER, n, CUDA_R_64F,
                                                       factor_.data(), n, CUDA_R_64F, &on_device, &on_host),
                           "cusolverDnXpotrf_bufferSize");
    Buffer<std::byte> device_work(std::max<std::size_t>(on_device, 1));
    std::vector<std::byte> host_work(on_host);
    for (int failed = 1; failed != 0;) {
      correlate(points_, n_, noise_, factor_.data());
      detail::check_cusolver(
          cusolverDnXpotrf(solver_.get(), nullptr, CUBLAS_FILL_MODE_LOWER, n, CUDA_R_64F, factor_.data(), n, CUDA_R_64F,
                           device_work.data(), on_device, host_work.data(), on_host, info.data()),
          "cusolverDnXpotrf");
      info.download({&failed, 1}, stream_);
      if (failed < 0) throw Error("cusolverDnXpotrf: argument " + to_text(-failed) + " is wrong");
      if (failed > 0) noise_ *= 10;
    }
  }

  void predict_tile(const Eigen::Ref<const Eigen::MatrixXd>& points, Buffer<double>& others,
                    Buffer<double>& correlations, Buffer<double>& sums, double* mean, double* variance) const {
    const auto m = static_cast<std::size_t>(points.rows());
    const Eigen::MatrixXd scaled = scaled_points(points);
    others.upload({scaled.data(), m * d_}, stream_);
    correlate(others, m, 0.0, correlations.data());
    const double one = 1, zero = 0;
    detail::check_cublas(cublasDgemv(blas_.get(), CUBLAS_OP_T, rows(n_), rows(m), &one, correlations.data(), rows(n_),
                                     weights_.data(), 1, &zero, sums.data(), 1),
                         "cublasDgemv");
    sums.download({mean, m}, stream_);
    detail::check_cublas(
        cublasDtrsm(blas_.get(), CUBLAS_SIDE_LEFT, CUBLAS_FILL_MODE_LOWER, CUBLAS_OP_N, CUBLAS_DIAG_NON_UNIT, rows(n_),
                    rows(m), &one, factor_.data(), rows(n_), correlations.data(), rows(n_)),
        "cublasDtrsm");
    detail::sum_squares<<<static_cast<unsigned>(m), 256, 0, stream_>>>(correlations.data(), n_, sums.data());
    check(cudaGetLastError(), "sum_squares");
    sums.download({variance, m}, stream_);
    for (std::size_t i = 0; i < m; ++i) {
      mean[i] += mean_;
      variance[i] = scale_ * std::max(1 - variance[i], variance_floor);
    }
  }

  cudaStream_t stream_;
  std::size_t n_, d_;
  Eigen::RowVectorXd scales_;
  double noise_, mean_, scale_;
  Buffer<double> points_, rates_, weights_, factor_;
  std::unique_ptr<cublasContext, Destroy<cublasContext, cublasDestroy>> blas_;
  std::unique_ptr<cusolverDnContext, Destroy<cusolverDnContext, cusolverDnDestroy>> solver_;
};

}  // namespace cuda
}  // namespace hposearch::inline v0

#endif
