// What the benchmark on a GPU measures with, and what the GPU can do at best.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string>

#include <hposearch/cuda/device_algebra.hpp>
#include <hposearch/text.hpp>

namespace hpo = hposearch;

namespace {

/// The least of `repetitions`, the first of which starts libraries and is not counted, unless it is the only one.
template <class Call>
double seconds(int repetitions, const Call& call) {
  double least = 0;
  for (int i = 0; i < repetitions; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    call();
    const double taken = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    least = i < 2 ? taken : std::min(least, taken);
  }
  return least;
}

/// Copies an array. i: an element.
struct Copy {
  const double* from;
  double* to;
  HPOSEARCH_HOST_DEVICE void operator()(std::size_t i) const { to[i] = from[i]; }
};

/// Fills an array with numbers that look random: zeros would let a device run faster than it can. i: an element.
struct Fill {
  double* to;
  HPOSEARCH_HOST_DEVICE void operator()(std::size_t i) const {
    to[i] = static_cast<double>(i * 2654435761ULL % 1000003ULL) / 1000003.0 - 0.5;
  }
};

/// What was measured of a device by a product of matrices and by a copy: not what is printed on it.
struct Peak {
  double flops;      ///< operations on doubles, a second
  double bandwidth;  ///< bytes read or written, a second
};

Peak measure_peak(hpo::cuda::DeviceAlgebra& algebra) {
  constexpr std::size_t n = 8192, elements = std::size_t{1} << 27;
  Peak peak{};
  {
    auto a = algebra.allocate<double>(n * n), b = algebra.allocate<double>(n * n), c = algebra.allocate<double>(n * n);
    algebra.for_each(n * n, Fill{a.data()});
    algebra.for_each(n * n, Fill{b.data()});
    const double one = 1, zero = 0;
    const double taken = seconds(4, [&] {
      hpo::cuda::detail::check_cublas(cublasDgemm(algebra.blas(), CUBLAS_OP_N, CUBLAS_OP_N, n, n, n, &one, a.data(), n,
                                                  b.data(), n, &zero, c.data(), n),
                                      "cublasDgemm");
      algebra.synchronise();
    });
    peak.flops = 2.0 * n * n * n / taken;
  }
  auto from = algebra.allocate<double>(elements), to = algebra.allocate<double>(elements);
  algebra.for_each(elements, Fill{from.data()});
  peak.bandwidth = 2.0 * elements * sizeof(double) / seconds(6, [&] {
                     algebra.for_each(elements, Copy{from.data(), to.data()});
                     algebra.synchronise();
                   });
  return peak;
}

/// "12.3", or "-" for what was not measured.
std::string figure(double value, int digits = 3) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  return value < 0 ? "-" : text;
}
std::string percent(double share) { return figure(100 * share, 2) + " %"; }

}  // namespace
