#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <support/catch.hpp>

#include <hposearch/executor/gpu/placement.hpp>

using namespace hposearch;
using hposearch::detail::Placement;

namespace {

std::vector<Device> devices_with(const std::vector<std::uint64_t>& memory) {
  std::vector<Device> devices;
  for (const std::uint64_t bytes : memory)
    devices.push_back(
        {.id = std::to_string(devices.size()), .index = devices.size(), .memory_total = bytes, .memory_free = bytes});
  return devices;
}

}  // namespace

TEST_CASE("trials are spread over devices, and each gets a slot of its own") {
  Placement placement{devices_with({10, 10, 10}), 2, 1};
  CHECK(placement.slots() == 6);
  for (const std::size_t expected : {0U, 1U, 2U, 3U, 4U, 5U}) {
    CHECK(placement.free_slots() == 6 - expected);
    REQUIRE(placement.find({}) == expected);
    placement.take(expected, {});
  }
  CHECK_FALSE(placement.find({}).has_value());
  placement.leave(4);
  CHECK(placement.find({}) == 4);
  CHECK(placement.devices_of(4) == std::vector<std::size_t>{1});
}

TEST_CASE("devices that do not make up a slot are left over") {
  Placement placement{devices_with({10, 10, 10}), 1, 2};
  CHECK(placement.slots() == 1);
  CHECK(placement.devices_of(0) == std::vector<std::size_t>{0, 1});
  CHECK(placement.device_ids() == std::vector<std::vector<std::string>>{{"0", "1"}});
  CHECK(placement.devices_text(0) == "device 0 and device 1");
  CHECK(placement.devices_left().size() == 2);
}

TEST_CASE("memory is what was not promised, and is free") {
  Placement placement{devices_with({10, 20}), 3, 1};
  CHECK(placement.find({.memory = 15}) == 1);
  placement.take(1, {.memory = 15});
  CHECK_FALSE(placement.find({.memory = 15}).has_value());
  CHECK(placement.find({.memory = 10}) == 0);
  placement.update(0, {.id = "0", .memory_total = 10, .memory_free = 3});
  CHECK_FALSE(placement.find({.memory = 6}).has_value());
  CHECK(placement.find({.memory = 3}) == 0);
  CHECK(placement.find({}) == 0);
  CHECK(placement.is_possible({.memory = 20}));
  CHECK_FALSE(placement.is_possible({.memory = 21}));
}

TEST_CASE("a slot of several devices needs the memory on each") {
  Placement placement{devices_with({10, 20, 20, 20}), 1, 2};
  CHECK(placement.find({.memory = 15}) == 1);
  CHECK_FALSE(placement.is_possible({.memory = 21}));
}

TEST_CASE("memory that is not known is taken to do") {
  Placement placement{{{.id = "0"}}, 1, 1};
  CHECK(placement.find({.memory = 1000}) == 0);
}

TEST_CASE("a trial that wants its device alone gets one where nothing runs, and keeps it so") {
  Placement placement{devices_with({10, 10}), 2, 1};
  placement.take(0, {});
  CHECK(placement.find({.alone = true}) == 1);
  placement.take(1, {.alone = true});
  CHECK(placement.free_slots() == 1);
  CHECK(placement.find({}) == 2);
  CHECK_FALSE(placement.find({.alone = true}).has_value());
  placement.leave(1);
  CHECK(placement.free_slots() == 3);
}

TEST_CASE("a place that is claimed goes to nobody else") {
  Placement placement{devices_with({10, 10}), 2, 1};
  placement.take(0, {});
  CHECK(placement.claim({.memory = 10}));
  CHECK(placement.free_slots() == 1);
  CHECK(placement.find({}) == 2);
  CHECK(placement.claim({}));
  CHECK_FALSE(placement.claim({}));
  CHECK_FALSE(placement.find({}).has_value());
  placement.drop_claims();
  CHECK(placement.find({}) == 1);
}

TEST_CASE("the slots of a device that is retired are gone, once") {
  Placement placement{devices_with({30, 10, 20, 20}), 2, 2};
  CHECK(placement.retire(1));
  CHECK_FALSE(placement.retire(0));
  CHECK(placement.slots() == 2);
  CHECK(placement.free_slots() == 2);
  CHECK(placement.is_lost(0));
  CHECK(placement.devices_left().front().id == "2");
  CHECK(placement.find({}) == 1);
  CHECK_FALSE(placement.is_possible({.memory = 21}));
  CHECK(placement.why_impossible({.memory = 3 * gibibyte}) ==
        "needs 3 GiB of device memory, which no slot has; the most is that of device 2, 0 MiB");
  CHECK(placement.retire(2));
  CHECK_FALSE(placement.find({}).has_value());
  CHECK(placement.why_impossible({}) == "every device is lost");
}
