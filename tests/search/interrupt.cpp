#include <csignal>

#include <support/catch.hpp>

#include <hposearch/search/interrupt.hpp>

using namespace hposearch;

namespace {
volatile std::sig_atomic_t reached = 0;
}

TEST_CASE("SIGINT is counted while a guard lives and goes to the old handler afterwards") {
  const auto before = std::signal(SIGINT, [](int) { reached = reached + 1; });
  {
    const InterruptGuard guard{true};
    CHECK(guard.count() == 0);
    std::raise(SIGINT);
    std::raise(SIGINT);
    CHECK(guard.count() == 2);
    CHECK(reached == 0);
    {
      const InterruptGuard nested{true};
      CHECK(nested.count() == 0);
      std::raise(SIGINT);
      CHECK(nested.count() == 1);
    }
    CHECK(guard.count() == 3);
  }
  std::raise(SIGINT);
  CHECK(reached == 1);
  std::signal(SIGINT, before);
}

TEST_CASE("An inactive guard leaves SIGINT alone") {
  const auto before = std::signal(SIGINT, [](int) { reached = reached + 1; });
  const auto had = reached;
  const InterruptGuard guard{false};
  std::raise(SIGINT);
  CHECK(guard.count() == 0);
  CHECK(reached == had + 1);
  std::signal(SIGINT, before);
}
