/// \file
/// Devices by NVIDIA's management library, which comes with the driver and is loaded when the program runs.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <dlfcn.h>

#include <hposearch/executor/gpu/device.hpp>
#include <hposearch/executor/gpu/fault.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

/// The functions of NVML that are used, with the types of its reference manual. nvmlReturn_t is an int, nvmlDevice_t a
/// pointer.
struct NvmlFunctions {
  using Handle = void*;
  struct Memory {
    unsigned long long total, free, used;
  };
  struct Utilisation {
    unsigned gpu, memory;
  };

  int (*init)() = nullptr;
  int (*shutdown)() = nullptr;
  const char* (*error_text)(int) = nullptr;
  int (*driver)(int*) = nullptr;
  int (*count)(unsigned*) = nullptr;
  int (*handle)(unsigned, Handle*) = nullptr;
  int (*uuid)(Handle, char*, unsigned) = nullptr;
  int (*name)(Handle, char*, unsigned) = nullptr;
  int (*memory)(Handle, Memory*) = nullptr;
  int (*utilisation)(Handle, Utilisation*) = nullptr;
  int (*mig_mode)(Handle, unsigned*, unsigned*) = nullptr;
  int (*mig_count)(Handle, unsigned*) = nullptr;
  int (*mig_handle)(Handle, unsigned, Handle*) = nullptr;
  std::shared_ptr<void> library{};  ///< what must stay loaded
};

/// Loads the library. \throws NoDevice if it is not there, or has not what is needed
[[nodiscard]] inline NvmlFunctions load_nvml(const char* file = "libnvidia-ml.so.1") {
  NvmlFunctions nvml;
  void* library = ::dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw NoDevice(std::string{"cannot load NVML, which comes with the driver: "} + ::dlerror());
  nvml.library = {library, [](void* opened) { ::dlclose(opened); }};
  const auto load = [&]<class F>(F*& function, const char* symbol) {
    void* address = ::dlsym(library, symbol);
    if (address == nullptr) throw NoDevice(std::string{file} + " has no " + symbol + ": install a newer NVIDIA driver");
    function = reinterpret_cast<F*>(address);
  };
  load(nvml.init, "nvmlInit_v2");
  load(nvml.shutdown, "nvmlShutdown");
  load(nvml.error_text, "nvmlErrorString");
  load(nvml.driver, "nvmlSystemGetCudaDriverVersion_v2");
  load(nvml.count, "nvmlDeviceGetCount_v2");
  load(nvml.handle, "nvmlDeviceGetHandleByIndex_v2");
  load(nvml.uuid, "nvmlDeviceGetUUID");
  load(nvml.name, "nvmlDeviceGetName");
  load(nvml.memory, "nvmlDeviceGetMemoryInfo");
  load(nvml.utilisation, "nvmlDeviceGetUtilizationRates");
  load(nvml.mig_mode, "nvmlDeviceGetMigMode");
  load(nvml.mig_count, "nvmlDeviceGetMaxMigDeviceCount");
  load(nvml.mig_handle, "nvmlDeviceGetMigDeviceHandleByIndex");
  return nvml;
}

/// A DeviceInterface by NVML. It needs no CUDA and makes no CUDA context, so trials may be forked after it was used.
class NvmlDevices {
 public:
  /// \throws NoDevice if NVML cannot be loaded or started
  explicit NvmlDevices(NvmlFunctions functions = load_nvml()) {
    require(functions, functions.init(), "nvmlInit");
    nvml_ = {new NvmlFunctions(std::move(functions)), [](NvmlFunctions* nvml) {
               nvml->shutdown();
               delete nvml;
             }};
  }

  /// Those that do not answer because they are lost, or may not be used by this program, are left out. Where a GPU is
  /// divided, its parts stand in its place. \throws NoDevice if the driver does not answer
  [[nodiscard]] std::vector<Device> list() const {
    unsigned count = 0;
    require(*nvml_, nvml_->count(&count), "nvmlDeviceGetCount");
    std::vector<Device> devices;
    for (unsigned i = 0; i < count; ++i) {
      Handle handle = nullptr;
      if (nvml_->handle(i, &handle) != 0) continue;
      if (is_divided(handle)) {
        add_parts(devices, i, handle);
      } else if (auto device = describe(i, handle)) {
        devices.push_back(std::move(*device));
      }
    }
    return devices;
  }

  [[nodiscard]] std::string source() const { return "NVML"; }

  [[nodiscard]] std::optional<int> driver() const {
    int version = 0;
    return nvml_->driver(&version) == 0 ? std::optional{version} : std::nullopt;
  }

 private:
  using Handle = NvmlFunctions::Handle;
  static constexpr int is_lost = 15, needs_reset = 16;  // NVML_ERROR_GPU_IS_LOST, NVML_ERROR_RESET_REQUIRED

  static void require(const NvmlFunctions& nvml, int status, const char* call) {
    if (status != 0)
      throw NoDevice(std::string{"NVML: "} + call + ": " + nvml.error_text(status) +
                     "; does nvidia-smi work on this machine?");
  }

  [[nodiscard]] bool is_divided(Handle handle) const {
    unsigned current = 0, pending = 0;
    return nvml_->mig_mode(handle, &current, &pending) == 0 && current == 1;
  }

  void add_parts(std::vector<Device>& devices, unsigned index, Handle whole) const {
    unsigned most = 0;
    if (nvml_->mig_count(whole, &most) != 0) return;
    for (unsigned i = 0; i < most; ++i) {
      Handle part = nullptr;
      if (nvml_->mig_handle(whole, i, &part) != 0) continue;
      if (auto device = describe(index, part)) devices.push_back(std::move(*device));
    }
  }

  [[nodiscard]] std::optional<Device> describe(unsigned index, Handle handle) const {
    std::array<char, 96> text{};  // the length that the manual promises to be enough
    constexpr auto length = static_cast<unsigned>(text.size());
    Device device;
    device.index = index;
    if (nvml_->uuid(handle, text.data(), length) != 0) return std::nullopt;
    device.id = device.uuid = text.data();
    if (nvml_->name(handle, text.data(), length) == 0) device.name = text.data();
    NvmlFunctions::Memory memory{};
    const int status = nvml_->memory(handle, &memory);
    if (status == is_lost || status == needs_reset) return std::nullopt;
    if (status == 0) {
      device.memory_total = memory.total;
      device.memory_free = memory.free;
    }
    NvmlFunctions::Utilisation use{};  // not to be had of parts
    if (nvml_->utilisation(handle, &use) == 0) device.utilisation = use.gpu / 100.0;
    return device;
  }

  std::shared_ptr<NvmlFunctions> nvml_;
};

}  // namespace hposearch::inline v0
