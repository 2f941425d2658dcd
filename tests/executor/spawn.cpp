#include <array>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <support/catch.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <hposearch/executor/spawn.hpp>

using namespace hposearch::detail;

namespace {

UniqueFd nothing() { return UniqueFd{::open("/dev/null", O_RDONLY | O_CLOEXEC)}; }

template <class Take>
void wait_for(Program& program, const Take& take) {
  while (!program.has_ended()) {
    std::vector<pollfd> watched;
    program.watch(watched);
    poll_until(watched, program.end_is_watched() ? SteadyTime::max() : next_look());
    drain(program.output, take);
  }
  drain(program.output, take);
}

std::string output_of(std::vector<std::string> arguments, std::vector<std::string> environment = {}) {
  Program program = spawn(std::move(arguments), std::move(environment), nothing());
  std::string text;
  wait_for(program, [&](std::string_view piece) { text += piece; });
  CHECK(program.finish() == 0);
  return text;
}

}  // namespace

TEST_CASE("A program gets its arguments and exactly its environment") {
  CHECK(output_of({"printf", "%s|", "a b", "", "c"}) == "a b||c|");
  CHECK(output_of({"env"}, {"ONE=1"}) == "ONE=1\n");
}

TEST_CASE("Programs are looked up as a shell does") {
  CHECK(find_program("./here") == "./here");
  CHECK(find_program("sh").ends_with("/sh"));
  CHECK_THROWS_AS(find_program("hposearch-no-such-program"), std::system_error);
}

TEST_CASE("A program is killed when nobody holds it any more") {
  pid_t group = 0;
  {
    const Program program = spawn({"sh", "-c", "echo $$; exec sleep 100"}, {}, nothing());
    std::vector<pollfd> watched{{program.output.get(), POLLIN, 0}};
    poll_until(watched, SteadyTime::max());
    std::array<char, 32> text{};
    REQUIRE(::read(program.output.get(), text.data(), text.size() - 1) > 0);
    group = static_cast<pid_t>(std::atoi(text.data()));
    CHECK(::kill(group, 0) == 0);
  }
  CHECK(::kill(group, 0) != 0);
}

TEST_CASE("A program starts with no signal blocked or handled") {
  const auto handler = std::signal(SIGUSR1, [](int) {});
  Program program = spawn({"sh", "-c", "kill -USR1 $$; exit 0"}, {}, nothing());
  std::signal(SIGUSR1, handler);
  wait_for(program, [](std::string_view) {});
  CHECK(WTERMSIG(program.finish()) == SIGUSR1);
}
