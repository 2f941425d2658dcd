/// \file
/// The data: 8x8 images of handwritten digits, read from a file and split into three parts.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <Eigen/Core>

#include <hposearch/numeric/random.hpp>

namespace digits {

inline constexpr Eigen::Index image_side = 8;
inline constexpr Eigen::Index image_pixels = image_side * image_side;
inline constexpr int classes = 10;

/// Labelled images.
struct Digits {
  Eigen::MatrixXf images;   ///< 64 x n, a column per image, its pixels row by row, in [0, 1]
  std::vector<int> labels;  ///< n digits, 0 to 9

  [[nodiscard]] std::size_t size() const noexcept { return labels.size(); }

  /// The images at `indices`, in that order.
  [[nodiscard]] Digits subset(std::span<const std::size_t> indices) const {
    Digits part{Eigen::MatrixXf(image_pixels, static_cast<Eigen::Index>(indices.size())), {}};
    part.labels.reserve(indices.size());
    for (const std::size_t index : indices) {
      part.images.col(static_cast<Eigen::Index>(part.labels.size())) = images.col(static_cast<Eigen::Index>(index));
      part.labels.push_back(labels[index]);
    }
    return part;
  }
};

namespace detail {

/// Reads "p0,...,p63,label"; \throws std::runtime_error that says which field is wrong, with `where` in front.
inline std::array<int, image_pixels + 1> parse_line(std::string_view line, const std::string& where) {
  std::array<int, image_pixels + 1> fields{};
  const char* next = line.data();
  const char* const end = next + line.size();
  for (std::size_t field = 0; field < fields.size(); ++field) {
    const std::string place = where + ", field " + std::to_string(field + 1);
    if (field > 0 && (next == end || *next++ != ',')) throw std::runtime_error(place + ": expected a comma before it");
    const auto [stop, error] = std::from_chars(next, end, fields[field]);
    if (error != std::errc{}) throw std::runtime_error(place + ": expected an integer");
    const int highest = field < image_pixels ? 16 : classes - 1;
    if (fields[field] < 0 || fields[field] > highest)
      throw std::runtime_error(place + ": " + std::to_string(fields[field]) + " is not in 0.." +
                               std::to_string(highest));
    next = stop;
  }
  if (next != end) throw std::runtime_error(where + ": more than " + std::to_string(fields.size()) + " fields");
  return fields;
}

}  // namespace detail

/// Reads the format described in examples/data/README.md.
/// \throws std::runtime_error naming the file, the line and the field that is wrong
[[nodiscard]] inline Digits load_digits(const std::filesystem::path& file) {
  std::ifstream input{file};
  if (!input) throw std::runtime_error("cannot open " + file.string());
  std::vector<float> pixels;
  std::vector<int> labels;
  for (std::string line; std::getline(input, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const auto fields = detail::parse_line(line, file.string() + ", line " + std::to_string(labels.size() + 1));
    for (std::size_t i = 0; i < image_pixels; ++i) pixels.push_back(static_cast<float>(fields[i]) / 16.0F);
    labels.push_back(fields.back());
  }
  if (labels.empty()) throw std::runtime_error(file.string() + ": holds no digits");
  const auto n = static_cast<Eigen::Index>(labels.size());
  return {Eigen::Map<const Eigen::MatrixXf>(pixels.data(), image_pixels, n), std::move(labels)};
}

/// What is learnt from, what hyperparameters are chosen by, and what is looked at once, at the end.
struct Split {
  Digits train, validation, test;
};

/// Splits 60 : 20 : 20 at random, with every digit's share the same in all three parts.
[[nodiscard]] inline Split split(const Digits& all, std::uint64_t seed) {
  hposearch::numeric::Random random{seed};
  std::vector<std::size_t> train, validation, test;
  for (int digit = 0; digit < classes; ++digit) {
    std::vector<std::size_t> members;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (all.labels[i] == digit) members.push_back(i);
    random.shuffle(std::span{members});
    const std::size_t fifth = members.size() / 5;
    for (std::size_t i = 0; i < members.size(); ++i)
      (i < fifth ? test : i < 2 * fifth ? validation : train).push_back(members[i]);
  }
  return {all.subset(train), all.subset(validation), all.subset(test)};
}

/// Both parts as one.
[[nodiscard]] inline Digits join(const Digits& first, const Digits& second) {
  Digits both{Eigen::MatrixXf(image_pixels, first.images.cols() + second.images.cols()), first.labels};
  both.images << first.images, second.images;
  both.labels.insert(both.labels.end(), second.labels.begin(), second.labels.end());
  return both;
}

}  // namespace digits
