/// \file
/// Devices by the program nvidia-smi, where the library that it uses cannot be loaded.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <hposearch/executor/evaluate.hpp>
#include <hposearch/executor/gpu/device.hpp>
#include <hposearch/executor/gpu/fault.hpp>
#include <hposearch/executor/gpu/smi_text.hpp>
#include <hposearch/executor/posix.hpp>
#include <hposearch/executor/spawn.hpp>

namespace hposearch::inline v0 {

/// A DeviceInterface by nvidia-smi. Each look starts the program, which takes some tenths of a second.
class NvidiaSmiDevices {
 public:
  /// \param program which one
  explicit NvidiaSmiDevices(std::string program = "nvidia-smi") : program_(std::move(program)) {}

  /// \throws NoDevice if there is no such program, or it fails and names no device
  [[nodiscard]] std::vector<Device> list() const {
    std::vector<Device> devices, parts;
    bool asked = false;
    const std::string table = output({detail::smi_query, "--format=csv,noheader,nounits"});
    for (auto& [device, divided] : detail::parse_smi_table(table)) {
      if (!divided) {
        devices.push_back(std::move(device));
        continue;
      }
      if (!std::exchange(asked, true)) parts = detail::parse_smi_parts(output({"-L"}));
      for (const Device& part : parts)
        if (part.index == device.index) devices.push_back(part);
    }
    if (devices.empty()) throw NoDevice(program_ + " names no device: " + table);
    return devices;
  }

  [[nodiscard]] std::string source() const { return program_; }

 private:
  // What it prints, its messages included.
  [[nodiscard]] std::string output(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), program_);
    std::vector<std::string> environment;
    for (char** variable = environ; *variable != nullptr; ++variable) environment.emplace_back(*variable);
    try {
      const detail::UniqueFd nothing{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
      detail::Program program = detail::spawn(std::move(arguments), std::move(environment), nothing);
      return read_all(program);
    } catch (const std::system_error& error) {
      throw NoDevice("cannot run " + program_ + ": " + error.code().message());
    }
  }

  [[nodiscard]] static std::string read_all(detail::Program& program) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};  // a lost device can hang it
    std::string text;
    const auto take = [&](std::string_view piece) { text += piece; };
    while (program.output || program.errors) {
      if (std::chrono::steady_clock::now() >= deadline) return text + "no answer within 10 s";
      std::vector<pollfd> watched;
      for (const detail::UniqueFd* fd : {&program.output, &program.errors})
        if (*fd) watched.push_back({fd->get(), POLLIN, 0});
      detail::poll_until(watched, deadline);
      detail::drain(program.output, take);
      detail::drain(program.errors, take);
    }
    return text;
  }

  std::string program_;
};

}  // namespace hposearch::inline v0
