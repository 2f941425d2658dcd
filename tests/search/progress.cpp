#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include <support/catch.hpp>

#include <hposearch/search/progress.hpp>

using namespace hposearch;

namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

std::string contents(std::FILE* file) {
  std::string text;
  std::rewind(file);
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) text += static_cast<char>(c);
  return text;
}

SearchStatus at(double seconds, std::size_t ended) {
  SearchStatus status;
  status.elapsed = std::chrono::duration<double>{seconds};
  status.ended = status.completed = ended;
  status.planned = 100;
  return status;
}

std::size_t count(const std::string& text, char c) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), c));
}

}  // namespace

TEST_CASE("Away from a terminal a line is printed for improvements, tenths and now and then") {
  const File file{std::tmpfile()};
  Progress progress{{.stream = file.get()}};
  auto status = at(0.1, 1);
  status.best_value = 3.0;
  progress(status);  // an improvement
  status = at(0.2, 2), status.best_value = 3.0;
  progress(status);  // nothing worth a line
  status = at(0.3, 10), status.best_value = 3.0;
  progress(status);  // a tenth
  status = at(11, 11), status.best_value = 3.0;
  progress(status);  // more than ten seconds later
  const std::string text = contents(file.get());
  CHECK(count(text, '\n') == 3);
  CHECK(text.find('\r') == std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("On a terminal one line is redrawn at most ten times a second and ended once") {
  const File file{std::tmpfile()};
  Progress progress{{.stream = file.get(), .terminal = Toggle::on, .width = 60}};
  for (int i = 0; i <= 100; ++i) progress(at(0.01 * i, 1));
  auto last = at(1.0, 2);
  last.over = true;
  progress(last);
  const std::string text = contents(file.get());
  CHECK(count(text, '\r') <= 12);
  CHECK(count(text, '\r') >= 9);
  CHECK(count(text, '\n') == 1);
}

TEST_CASE("A line wider than the terminal is cut") {
  const File file{std::tmpfile()};
  Progress progress{{.stream = file.get(), .terminal = Toggle::on, .color = Toggle::off, .width = 50}};
  auto status = at(1, 1);
  status.best_value = 1;
  status.best_point = std::string(200, 'x');
  progress(status);
  const std::string text = contents(file.get());
  CHECK(text.find("...") != std::string::npos);
  CHECK(text.size() < 140);
}

TEST_CASE("NO_COLOR keeps the terminal without colours") {
  setenv("NO_COLOR", "1", 1);
  const File file{std::tmpfile()};
  Progress progress{{.stream = file.get(), .terminal = Toggle::on, .width = 80}};
  progress(at(1, 1));
  unsetenv("NO_COLOR");
  CHECK(contents(file.get()).find("\x1b[3") == std::string::npos);
  const File colored{std::tmpfile()};
  Progress bright{{.stream = colored.get(), .terminal = Toggle::on, .width = 80}};
  bright(at(1, 1));
  CHECK(contents(colored.get()).find("\x1b[36m") != std::string::npos);
}
