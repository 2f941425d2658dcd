#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <vector>

#include <support/catch.hpp>
#include <support/temporary_folder.hpp>
#include <support/thrown.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <hposearch/cluster/token.hpp>

using namespace hposearch;
using Catch::Contains;
using support::TemporaryFolder;
using support::thrown;

namespace {

const std::string forty(40, 'k');

std::string text(const Token& token) { return {token.bytes().begin(), token.bytes().end()}; }

unsigned mode(const std::filesystem::path& path) {
  struct stat about {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  return about.st_mode & 07777U;
}

void write(const std::filesystem::path& path, const std::string& content, mode_t mode = 0600) {
  std::ofstream{path} << content;
  REQUIRE(::chmod(path.c_str(), mode) == 0);
}

/// Sets a variable, or takes it away, for as long as this lives.
class Variable {
 public:
  Variable(const char* name, const std::optional<std::string>& value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    set(value);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() { set(old_); }

 private:
  void set(const std::optional<std::string>& value) {
    if (value) {
      ::setenv(name_, value->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }
  const char* name_;
  std::optional<std::string> old_{};
};

template <class T>
concept Formattable = requires(T token) {
  std::string(token);
};

}  // namespace

TEST_CASE("A token is made on first use, for its owner alone, and is the same afterwards") {
  const TemporaryFolder folder;
  const auto file = folder / "a" / "b" / "token";
  const Token first = shared_token({.file = file});
  CHECK(first.bytes().size() == 64);  // 32 bytes in hexadecimal digits
  CHECK(mode(file) == 0600);
  CHECK(mode(file.parent_path()) == 0700);
  CHECK(mode(file.parent_path().parent_path()) == 0700);
  CHECK(shared_token({.file = file}) == first);
  CHECK(std::distance(std::filesystem::directory_iterator{file.parent_path()}, {}) == 1);  // no draft is left
  CHECK_FALSE(shared_token({.file = folder / "other"}) == first);
}

TEST_CASE("A token is not made where that is not wanted") {
  const TemporaryFolder folder;
  const auto file = folder / "token";
  CHECK_THAT(thrown<Error>([&] { return shared_token({.file = file, .make = false}); }),
             Contains(file.string()) && Contains("copy"));
  CHECK_FALSE(std::filesystem::exists(file));
}

TEST_CASE("Threads and processes that make a token at once agree on it") {
  const TemporaryFolder folder;
  for (int round = 0; round < 20; ++round) {
    const auto file = folder / std::to_string(round);
    std::vector<std::optional<Token>> tokens(8);
    std::vector<std::thread> threads;
    for (auto& token : tokens) threads.emplace_back([&token, &file] { token = shared_token({.file = file}); });
    for (auto& thread : threads) thread.join();
    for (const auto& token : tokens) CHECK(token == tokens.front());
  }
  CHECK(std::distance(std::filesystem::directory_iterator{folder.path()}, {}) == 20);
}

TEST_CASE("A token comes from the option, the environment or the home folder, in this order") {
  const TemporaryFolder folder;
  const Variable home{"HOME", folder.path().string()};
  const Variable config{"XDG_CONFIG_HOME", std::nullopt};
  Variable no_token{"HPOSEARCH_TOKEN", std::nullopt};
  Variable no_file{"HPOSEARCH_TOKEN_FILE", std::nullopt};
  const Token at_home = shared_token();
  CHECK(shared_token({.file = folder / ".config" / "hposearch" / "token", .make = false}) == at_home);
  {
    const Variable absolute{"XDG_CONFIG_HOME", (folder / "xdg").string()};
    CHECK(default_token_file() == folder / "xdg" / "hposearch" / "token");
    const Variable relative{"XDG_CONFIG_HOME", "xdg"};
    CHECK(default_token_file() == folder / ".config" / "hposearch" / "token");
  }
  write(folder / "named", std::string(32, 'n') + "\n");
  const Variable file{"HPOSEARCH_TOKEN_FILE", (folder / "named").string()};
  CHECK(text(shared_token()) == std::string(32, 'n'));
  {
    const Variable token{"HPOSEARCH_TOKEN", forty};
    CHECK(text(shared_token()) == forty);
    const Variable empty{"HPOSEARCH_TOKEN", ""};
    CHECK(text(shared_token()) == std::string(32, 'n'));
  }
  write(folder / "given", std::string(33, 'g'));
  const Variable token{"HPOSEARCH_TOKEN", forty};
  CHECK(text(shared_token({.file = folder / "given"})) == std::string(33, 'g'));
}

TEST_CASE("A file that others may use is refused with the remedy, and stays as it is") {
  const TemporaryFolder folder;
  const auto file = folder / "token";
  for (const mode_t open : {0640U, 0604U, 0620U, 0644U, 0601U}) {
    write(file, forty, open);
    const std::string message = thrown<Error>([&] { return shared_token({.file = file}); });
    CHECK_THAT(message, Contains("chmod 600 '" + file.string() + "'") && !Contains("kkk"));
    CHECK(mode(file) == open);
  }
  CHECK_THAT(thrown<Error>([&] { return shared_token({.file = file}); }), Contains("mode 0601"));
  write(file, forty, 0400);
  CHECK(text(shared_token({.file = file})) == forty);
}

TEST_CASE("What is no token is refused, and not shown") {
  const TemporaryFolder folder;
  const auto file = folder / "token";
  const auto refusal = [&](const std::string& content) {
    write(file, content);
    std::string message = thrown<Error>([&] { return shared_token({.file = file}); });
    CHECK_THAT(message, Contains(file.string()));
    return message;
  };
  CHECK_THAT(refusal(""), Contains("0 characters"));
  CHECK_THAT(refusal(" \n\n"), Contains("0 characters"));
  CHECK_THAT(refusal("hunter2"), Contains("7 characters") && Contains("32") && !Contains("hunter"));
  CHECK_THAT(refusal(std::string(1025, 'x')), Contains("1025 characters"));
  CHECK_THAT(refusal(std::string(5000, 'x')), Contains("too long") && !Contains("xx"));
  CHECK_THAT(refusal(forty + " " + forty), Contains("printable") && !Contains("kk"));
  CHECK_THAT(refusal(forty + '\0'), Contains("printable"));
  CHECK_THAT(thrown<Error>([&] { return shared_token({.file = folder.path()}); }), Contains("not a plain file"));
  CHECK_THAT(thrown<Error>([&] { return shared_token({.file = "/proc/none/token"}); }), Contains("/proc/none"));
  const Variable token{"HPOSEARCH_TOKEN", "hunter2"};
  CHECK_THAT(thrown<Error>([&] { return shared_token(); }), Contains("HPOSEARCH_TOKEN is 7") && !Contains("hunter"));
}

TEST_CASE("A token shows nothing of itself") {
  const Token token{forty};
  std::ostringstream out;
  out << token;
  CHECK(out.str() == "<token>");
  CHECK(to_text(token) == "<token>");
  STATIC_REQUIRE_FALSE(Formattable<Token>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<Token, std::string_view>);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<std::string, Token>);
}

TEST_CASE("Tokens can be copied, moved and compared") {
  Token a = Token::random();
  const Token b = a;
  CHECK(a == b);
  Token c = std::move(a);
  CHECK(c == b);
  c = Token{forty};
  CHECK_FALSE(c == b);
  CHECK_FALSE(Token{forty} == Token{forty + "k"});
  CHECK(text(Token{"  " + forty + "\r\n"}) == forty);
}

namespace {

// Looks at memory as it is given back.
struct Watching : std::allocator<unsigned char> {
  static inline std::string seen{};
  void deallocate(unsigned char* memory, std::size_t n) {
    seen.append(memory, memory + n);
    std::allocator<unsigned char>::deallocate(memory, n);
  }
};

}  // namespace

TEST_CASE("A secret's memory is overwritten before it is given back, also when it grows") {
  Watching::seen.clear();
  {
    std::vector<unsigned char, detail::WipingAllocator<unsigned char, Watching>> secret(40, 'k');
    secret.push_back('k');
  }
  CHECK(Watching::seen.size() >= 81);
  CHECK(Watching::seen == std::string(Watching::seen.size(), '\0'));
  STATIC_REQUIRE(std::is_same_v<detail::SecretBytes::allocator_type, detail::WipingAllocator<unsigned char>>);
}
