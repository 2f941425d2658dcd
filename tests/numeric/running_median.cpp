#include <algorithm>
#include <vector>

#include <support/catch.hpp>

#include <hposearch/numeric/random.hpp>
#include <hposearch/numeric/running_median.hpp>

using namespace hposearch;

TEST_CASE("The running median is the lower median of the numbers so far") {
  numeric::Random random{1};
  numeric::RunningMedian median;
  CHECK(median.empty());
  std::vector<double> numbers;
  for (int i = 0; i < 200; ++i) {
    numbers.push_back(static_cast<double>(random.below(50)));
    median.push(numbers.back());
    std::vector<double> sorted = numbers;
    std::sort(sorted.begin(), sorted.end());
    CHECK(median.value() == sorted[(sorted.size() - 1) / 2]);
  }
}
