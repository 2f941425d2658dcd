// The command-line tool.
#include <iostream>

#include <CLI/CLI.hpp>

#include "bridge.hpp"

int main(int argc, char** argv) {
  CLI::App app{"hposearch: distributed hyperparameter search"};
  app.set_version_flag("--version", hposearch::version);
  app.require_subcommand(1);
  auto* bridge = app.add_subcommand("bridge",
                                    "drive the optimizer from any language: one JSON object a line on stdin, "
                                    "its answer a line on stdout");
  CLI11_PARSE(app, argc, argv);
  if (bridge->parsed()) {
    std::ios::sync_with_stdio(false);
    Bridge{}.serve(std::cin, std::cout);
  }
}
