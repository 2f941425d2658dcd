/// \file
/// Devices by the CUDA runtime, for machines that have neither NVML nor nvidia-smi, such as some containers.
#pragma once

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <cuda_runtime_api.h>
#include <sys/types.h>
#include <unistd.h>

#include <hposearch/cuda/error.hpp>
#include <hposearch/executor/gpu/device.hpp>
#include <hposearch/executor/gpu/fault.hpp>
#include <hposearch/executor/parse.hpp>
#include <hposearch/executor/posix.hpp>
#include <hposearch/executor/process_child.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

namespace detail {

/// What `call` returns in a process of its own, or the message of its exception after a '!'.
/// \throws std::system_error if there is no process to be had
[[nodiscard]] inline std::string text_of_child(const std::function<std::string()>& call) {
  auto [ours, theirs] = make_pipe();
  flush_output();
  const pid_t pid = ::fork();
  if (pid < 0) throw_errno("fork");
  if (pid == 0) {
    std::string text;
    try {
      text = call();
    } catch (const std::exception& error) {
      text = std::string{"!"} + error.what();
    }
    for (std::string_view rest = text; !rest.empty();) {
      const ssize_t count = retry_interrupted([&, fd = theirs.get()] { return ::write(fd, rest.data(), rest.size()); });
      if (count < 0) break;
      rest.remove_prefix(static_cast<std::size_t>(count));
    }
    ::_exit(EXIT_SUCCESS);
  }
  theirs.reset();
  std::string text;
  drain(ours, [&](std::string_view piece) { text += piece; });
  reap(pid);
  return text;
}

/// "GPU-8f2a6f0c-..." as NVML and nvidia-smi write it.
[[nodiscard]] inline std::string uuid_text(const cudaUUID_t& uuid) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "GPU-";
  for (std::size_t i = 0; i < sizeof(uuid.bytes); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    const auto byte = static_cast<unsigned char>(uuid.bytes[i]);
    text += digits[byte / 16U];
    text += digits[byte % 16U];
  }
  return text;
}

}  // namespace detail

namespace cuda {

/// A DeviceInterface by the CUDA runtime. Every look is made in a process of its own, since processes that are forked
/// after a program has used CUDA cannot. How much memory is free is not known: to ask would take some of it.
class RuntimeDevices {
 public:
  /// \throws NoDevice with what CUDA says
  [[nodiscard]] std::vector<Device> list() const {
    std::vector<Device> devices;
    const std::string text = answer(describe_all);
    for (std::string_view rest = text; !rest.empty();) {
      std::string_view line = detail::cut(rest, '\n');
      Device device;
      device.index = detail::parse_number<std::size_t>(detail::cut(line, ','));
      device.id = device.uuid = detail::cut(line, ',');
      device.memory_total = detail::parse_number<std::uint64_t>(detail::cut(line, ','));
      device.name = line;
      devices.push_back(std::move(device));
    }
    return devices;
  }

  [[nodiscard]] std::string source() const { return "the CUDA runtime"; }

  [[nodiscard]] std::optional<int> driver() const {
    return detail::parse_number<int>(answer([] {
      int number = 0;
      check(cudaDriverGetVersion(&number), "cudaDriverGetVersion");
      return to_text(number);
    }));
  }

 private:
  [[nodiscard]] static std::string answer(const std::function<std::string()>& call) {
    std::string text = detail::text_of_child(call);
    if (!text.starts_with('!')) return text;
    text.erase(0, 1);
    const std::string help{remedy(recognise_fault(text))};
    throw NoDevice("the CUDA runtime finds no device: " + text + (help.empty() ? "" : "; " + help));
  }

  // A line for each device of the machine, whatever the environment hides.
  [[nodiscard]] static std::string describe_all() {
    ::unsetenv("CUDA_VISIBLE_DEVICES");
    ::setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID", 1);
    int count = 0;
    check(cudaGetDeviceCount(&count), "cudaGetDeviceCount");
    std::string text;
    for (int i = 0; i < count; ++i) {
      cudaDeviceProp properties{};
      if (cudaGetDeviceProperties(&properties, i) != cudaSuccess) continue;
      text += to_text(i) + ',' + detail::uuid_text(properties.uuid) + ',' + to_text(properties.totalGlobalMem) + ',' +
              properties.name + '\n';
    }
    return text;
  }
};

}  // namespace cuda
}  // namespace hposearch::inline v0
