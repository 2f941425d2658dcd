// The command-line tool.
#include <exception>
#include <iostream>

#include <CLI/CLI.hpp>

#include "bridge.hpp"

#if defined(HPOSEARCH_CLI_CLUSTER)
#include "certs.hpp"
#include "scheduler.hpp"
#include "worker.hpp"
#endif

int main(int argc, char** argv) {
  CLI::App app{"hposearch: distributed hyperparameter search"};
  app.set_version_flag("--version", hposearch::version);
  app.require_subcommand(1);
  auto* bridge = app.add_subcommand("bridge",
                                    "drive the optimizer from any language: one JSON object a line on stdin, "
                                    "its answer a line on stdout");
#if defined(HPOSEARCH_CLI_CLUSTER)
  const CertsCommand certs{app};
  const WorkerCommand worker{app};
  const SchedulerCommand scheduler{app};
#endif
  CLI11_PARSE(app, argc, argv);
  try {
    if (bridge->parsed()) {
      std::ios::sync_with_stdio(false);
      Bridge{}.serve(std::cin, std::cout);
    }
#if defined(HPOSEARCH_CLI_CLUSTER)
    if (certs.chosen()) certs.run(std::cout);
    if (worker.chosen()) return worker.run();
    if (scheduler.chosen()) scheduler.run();
#endif
  } catch (const std::exception& error) {
    std::cerr << "hposearch: " << error.what() << '\n';
    return 1;
  }
}
