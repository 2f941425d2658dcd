#include <string>
#include <string_view>
#include <vector>

#include <support/catch.hpp>
#include <support/thrown.hpp>

#include <hposearch/executor/gpu/visible.hpp>

using namespace hposearch;

namespace {

const std::vector<Device> machine{{.id = "GPU-aa11", .index = 0, .uuid = "GPU-aa11"},
                                  {.id = "GPU-aa22", .index = 1, .uuid = "GPU-aa22"},
                                  {.id = "MIG-b1", .index = 2, .uuid = "MIG-b1"},
                                  {.id = "MIG-b2", .index = 2, .uuid = "MIG-b2"}};

std::string names(std::string_view value) {
  const VisibleDevices visible = visible_devices(value, machine);
  std::string text;
  for (const Device& device : visible.devices) text += device.id + " ";
  if (visible.rejected) text += "| " + *visible.rejected;
  return text;
}

std::string error(std::string_view value) {
  return support::thrown<NoDevice>([&] { return require_visible_devices(value, machine); });
}

}  // namespace

TEST_CASE("CUDA_VISIBLE_DEVICES names devices by index, by UUID and by its beginning, in its own order") {
  CHECK(names("0") == "GPU-aa11 ");
  CHECK(names("1,0") == "GPU-aa22 GPU-aa11 ");
  CHECK(names(" 1 , 0 ") == "GPU-aa22 GPU-aa11 ");
  CHECK(names("GPU-aa22,0") == "GPU-aa22 GPU-aa11 ");
  CHECK(names("GPU-aa1,MIG-b2") == "GPU-aa11 MIG-b2 ");
  CHECK(names("2") == "MIG-b1 ");
  CHECK(names("MIG-b1") == "MIG-b1 ");
}

TEST_CASE("CUDA_VISIBLE_DEVICES ends at the first entry that names no device, as in CUDA") {
  CHECK(names("") == "| ");
  CHECK(names("-1") == "| -1");
  CHECK(names("0,-1,1") == "GPU-aa11 | -1");
  CHECK(names("0,7,1") == "GPU-aa11 | 7");
  CHECK(names("0,,1") == "GPU-aa11 | ");
  CHECK(names("0,1,") == "GPU-aa11 GPU-aa22 | ");
  CHECK(names("GPU-a") == "| GPU-a");
  CHECK(names("GPU-cc,0") == "| GPU-cc");
  CHECK(names("0,0,1") == "GPU-aa11 | 0");
  CHECK(names("0,GPU-aa11") == "GPU-aa11 | GPU-aa11");
  CHECK(names("1x,0") == "| 1x");
  CHECK(names("99999999999999999999999") == "| 99999999999999999999999");
  CHECK(names("NoDevFiles") == "| NoDevFiles");
}

TEST_CASE("an empty or malformed CUDA_VISIBLE_DEVICES is an error that names the entry and the remedy") {
  CHECK(error("") ==
        "CUDA_VISIBLE_DEVICES=\"\" hides all devices; unset it or name some, for example CUDA_VISIBLE_DEVICES=0");
  CHECK(error("-1").find("hides all devices; unset it") != std::string::npos);
  CHECK(error("0,7,1") ==
        "CUDA_VISIBLE_DEVICES=\"0,7,1\": the entry \"7\" is the index of no device: there are device 0 (GPU-aa11), "
        "device 1 (GPU-aa22), device 2 (MIG-b1), device 2 (MIG-b2); CUDA would ignore it and all after it. Correct it "
        "or unset the variable");
  CHECK(error("GPU-a").find("\"GPU-a\" begins the UUID of more than one device") != std::string::npos);
  CHECK(error("gpu0").find("\"gpu0\" is neither an index nor the beginning of a UUID") != std::string::npos);
  CHECK(error("GPU-cc").find("\"GPU-cc\" is the UUID of no device") != std::string::npos);
  CHECK(error("0,0").find("\"0\" names a device for the second time") != std::string::npos);
  CHECK(error("0,,1").find("\"\" names no device") != std::string::npos);
  CHECK(require_visible_devices("0,-1,1", machine).size() == 1);
  CHECK(support::thrown<NoDevice>([] { return require_visible_devices("0", {}); }).find("there is none") !=
        std::string::npos);
}
