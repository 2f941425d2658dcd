// The one translation unit of the tests that carries Catch2's own code.
#if __has_include(<catch2/catch_session.hpp>)
#include <catch2/catch_session.hpp>
#else
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#endif

// Catch2 2 returns how many assertions failed, which ctest could take for a code of its own.
int main(int argc, char** argv) {
  const int status = Catch::Session().run(argc, argv);
#ifdef CATCH_CONFIG_RUNNER
  return status == 0 ? 0 : 1;
#else
  return status;
#endif
}
