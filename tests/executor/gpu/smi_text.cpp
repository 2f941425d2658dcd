#include <support/catch.hpp>

#include <hposearch/executor/gpu/smi_text.hpp>

using namespace hposearch;
using namespace hposearch::detail;

TEST_CASE("the table of nvidia-smi is read, and what is no row of it passed over") {
  const auto rows = parse_smi_table(
      "0, GPU-aa, 81559, 81000, 37, Disabled, NVIDIA H100 80GB HBM3\r\n"
      "1, GPU-bb, 40960, 40000, [N/A], Enabled, NVIDIA A100-SXM4-40GB\n"
      "2, [GPU is lost], [GPU is lost], [GPU is lost], [GPU is lost], [GPU is lost], [GPU is lost]\n"
      "3, GPU-dd, [GPU is lost], [GPU is lost], [GPU is lost], [N/A], Some GPU\n"
      "Unable to determine the device handle for GPU 0000:01:00.0: GPU is lost.  Reboot the system to recover this\n"
      "\n"
      "4, GPU-ee, [N/A], [N/A], [N/A], [N/A], NVIDIA GB10");
  REQUIRE(rows.size() == 3);
  const auto& [device, divided] = rows[0];
  CHECK(device.id == "GPU-aa");
  CHECK(device.uuid == "GPU-aa");
  CHECK(device.index == 0);
  CHECK(device.name == "NVIDIA H100 80GB HBM3");
  CHECK(device.memory_total == 81559 * mebibyte);
  CHECK(device.memory_free == 81000 * mebibyte);
  CHECK(device.utilisation == 0.37);
  CHECK_FALSE(divided);
  CHECK(rows[1].second);
  CHECK_FALSE(rows[1].first.utilisation);
  CHECK(rows[2].first.index == 4);
  CHECK_FALSE(rows[2].first.memory_total);
  CHECK(parse_smi_table("").empty());
  CHECK(parse_smi_table("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.").empty());
}

TEST_CASE("the parts of GPUs are read from nvidia-smi's list") {
  const auto parts = parse_smi_parts(
      "GPU 0: NVIDIA H100 (UUID: GPU-aa)\n"
      "GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-bb)\n"
      "  MIG 1g.5gb      Device  0: (UUID: MIG-c6d4f1ef-42e4)\n"
      "  MIG 3g.20gb     Device  1: (UUID: MIG-45d71c87-eb3f)\n"
      "  MIG broken");
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].id == "MIG-c6d4f1ef-42e4");
  CHECK(parts[0].index == 1);
  CHECK(parts[0].name == "MIG 1g.5gb");
  CHECK(parts[1].uuid == "MIG-45d71c87-eb3f");
  CHECK(parts[1].is_part());
}
