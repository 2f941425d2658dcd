// The command that makes a cluster's certificates.
#pragma once

#include <chrono>
#include <ostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <hposearch/cluster/certificates.hpp>

/// `hposearch certs`
class CertsCommand {
 public:
  explicit CertsCommand(CLI::App& app)
      : command_(app.add_subcommand("certs", "make the certificates by which head and workers know each other")) {
    command_->add_option("--out", folder_, "where the files go")->required();
    command_->add_option("--host", hosts_, "a name or an address of the head's machine; may be given again");
    command_->add_option("--days", days_, "for how long they are valid")->capture_default_str();
  }

  [[nodiscard]] bool chosen() const { return command_->parsed(); }

  /// \throws hposearch::Error
  void run(std::ostream& out) const {
    for (const auto& file :
         hposearch::make_certificates({.folder = folder_, .hosts = hosts_, .valid = std::chrono::days{days_}}))
      out << file.string() << '\n';
    out << "The head needs ca.pem, head.pem and head.key; workers need ca.pem, worker.pem and worker.key.\n"
           "ca.key signs further ones: keep it where nobody else can read it.\n";
  }

 private:
  CLI::App* command_;
  std::string folder_;
  std::vector<std::string> hosts_;
  int days_ = 365;
};
