#include <filesystem>
#include <fstream>
#include <string>

#include <support/catch.hpp>
#include <support/temporary_folder.hpp>
#include <support/thrown.hpp>

#include <hposearch/executor/gpu/interface.hpp>
#include <hposearch/executor/gpu/nvidia_smi.hpp>

using namespace hposearch;

static_assert(DeviceInterface<NvidiaSmiDevices>);

namespace {

/// A program in a folder of its own that does as `script` says.
struct Fake {
  support::TemporaryFolder folder;
  std::string path;
  explicit Fake(const std::string& script) : path((folder.path() / "nvidia-smi").string()) {
    std::ofstream{path} << "#!/bin/sh\n" << script;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  }
};

}  // namespace

TEST_CASE("nvidia-smi is asked for devices, and for their parts where there are any") {
  const Fake whole{
      "[ \"$2\" = --format=csv,noheader,nounits ] || exit 1\n"
      "echo '0, GPU-aa, 100, 50, 37, Disabled, A'\necho '1, GPU-bb, 100, 50, 37, Disabled, B'\n"};
  const auto devices = NvidiaSmiDevices{whole.path}.list();
  REQUIRE(devices.size() == 2);
  CHECK(devices[1].id == "GPU-bb");

  const Fake divided{
      "if [ \"$1\" = -L ]; then echo 'GPU 1: B'; echo '  MIG 1g Device 0: (UUID: MIG-x)'; exit; fi\n"
      "echo '0, GPU-aa, 100, 50, 37, Disabled, A'\necho '1, GPU-bb, 100, 50, 37, Enabled, B'\n"};
  const auto parts = NvidiaSmiDevices{divided.path}.list();
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].id == "GPU-aa");
  CHECK(parts[1].id == "MIG-x");
}

TEST_CASE("nvidia-smi that is not there, or cannot do it, says why") {
  CHECK(support::thrown<NoDevice>([] { return NvidiaSmiDevices{"./no-such-program"}.list(); }) ==
        "cannot run ./no-such-program: No such file or directory");
  const Fake broken{"echo 'NVIDIA-SMI has failed' >&2\nexit 9\n"};
  CHECK(support::thrown<NoDevice>([&] { return NvidiaSmiDevices{broken.path}.list(); }) ==
        broken.path + " names no device: NVIDIA-SMI has failed\n");
}
