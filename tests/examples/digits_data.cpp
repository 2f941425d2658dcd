#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <unistd.h>

#include "../../examples/digits_cnn/digits.hpp"

using namespace digits;

namespace {

const std::filesystem::path shipped =
    std::filesystem::path{__FILE__}.parent_path() / "../../examples/data/optdigits.csv";

/// A file that lives as long as this.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text) { std::ofstream{path_} << text; }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  static inline int count = 0;
  std::filesystem::path path_ = std::filesystem::temp_directory_path() /
                                ("hposearch_digits_" + std::to_string(::getpid()) + "_" + std::to_string(count++));
};

std::string line(int pixel, const std::string& label) {
  std::string text;
  for (int i = 0; i < 64; ++i) text += std::to_string(pixel) + ",";
  return text + label;
}

std::string error_of(const std::string& text) {
  const TemporaryFile file{text};
  try {
    static_cast<void>(load_digits(file.path()));
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "none";
}

bool ends_with(const std::string& text, const std::string& end) { return text.ends_with(end); }

std::array<int, 10> per_class(const Digits& digits) {
  std::array<int, 10> counts{};
  for (const int label : digits.labels) ++counts[static_cast<std::size_t>(label)];
  return counts;
}

}  // namespace

TEST_CASE("the shipped digits are the test set that UCI describes") {
  const Digits digits = load_digits(shipped);
  CHECK(digits.size() == 1797);
  CHECK(digits.images.rows() == 64);
  CHECK(digits.images.cols() == 1797);
  CHECK(per_class(digits) == std::array<int, 10>{178, 182, 177, 183, 181, 182, 181, 179, 174, 180});
  CHECK(digits.images.minCoeff() == 0.0F);
  CHECK(digits.images.maxCoeff() == 1.0F);
  // Sixteenths are exact in double.
  CHECK(digits.images.cast<double>().sum() * 16 == 561718.0);
  // The first image is a zero whose first rows are 0,0,5,13,9,1,0,0 and 0,0,13,15,10,15,5,0.
  CHECK(digits.labels.front() == 0);
  CHECK(digits.images(3, 0) == 13.0F / 16);
  CHECK(digits.images(12, 0) == 10.0F / 16);
}

TEST_CASE("a split keeps every image once and every digit's share") {
  const Digits all = load_digits(shipped);
  const Split parts = split(all, 1);
  CHECK(parts.train.size() == 1087);
  CHECK(parts.validation.size() == 355);
  CHECK(parts.test.size() == 355);
  CHECK(per_class(parts.validation) == per_class(parts.test));
  CHECK(per_class(parts.test) == std::array<int, 10>{35, 36, 35, 36, 36, 36, 36, 35, 34, 36});

  const auto sorted_images = [](const Digits& digits) {
    std::multiset<std::vector<float>> images;
    for (Eigen::Index j = 0; j < digits.images.cols(); ++j) {
      std::vector<float> image{digits.images.col(j).begin(), digits.images.col(j).end()};
      image.push_back(static_cast<float>(digits.labels[static_cast<std::size_t>(j)]));
      images.insert(image);
    }
    return images;
  };
  CHECK(sorted_images(join(join(parts.train, parts.validation), parts.test)) == sorted_images(all));
}

TEST_CASE("a split depends on its seed alone") {
  const Digits all = load_digits(shipped);
  CHECK(split(all, 1).test.images == split(all, 1).test.images);
  CHECK(split(all, 1).test.images != split(all, 2).test.images);
}

TEST_CASE("line ends of either kind are read") {
  const TemporaryFile file{line(16, "7") + "\r\n" + line(0, "0") + "\n"};
  const Digits digits = load_digits(file.path());
  CHECK(digits.labels == std::vector<int>{7, 0});
  CHECK(digits.images(63, 0) == 1.0F);
}

TEST_CASE("a bad file is refused with the line and the field that are wrong") {
  const std::string good = line(3, "1") + "\n";
  CHECK(ends_with(error_of(""), "holds no digits"));
  CHECK(ends_with(error_of(good + line(17, "1")), "line 2, field 1: 17 is not in 0..16"));
  CHECK(ends_with(error_of(line(-1, "1")), "line 1, field 1: -1 is not in 0..16"));
  CHECK(ends_with(error_of(line(3, "10")), "line 1, field 65: 10 is not in 0..9"));
  CHECK(ends_with(error_of(line(3, "x")), "line 1, field 65: expected an integer"));
  CHECK(ends_with(error_of(line(3, "1.5")), "line 1: more than 65 fields"));
  CHECK(ends_with(error_of(line(3, "1,1")), "line 1: more than 65 fields"));
  CHECK(ends_with(error_of("1,2"), "line 1, field 3: expected a comma before it"));
  CHECK(ends_with(error_of(good + "\n" + good), "line 2, field 1: expected an integer"));
  CHECK_THROWS_WITH(load_digits("/no/such/file.csv"), "cannot open /no/such/file.csv");
}
