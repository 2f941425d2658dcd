// What hposearch needs of a compiler and of its standard library, see compiler.cmake.
#include <bit>
#include <charconv>
#include <concepts>
#include <span>
#include <stop_token>

struct Options {
  int trials = 0;
  double target = 0;
};

template <std::integral T>
T twice(T value) {
  return value + value;
}

int main() {
  char text[32];
  std::to_chars(text, text + sizeof text, 1.5);
  std::stop_source source;
  return source.get_token().stop_requested() ? twice(Options{.trials = 1}.trials) : 0;
}
