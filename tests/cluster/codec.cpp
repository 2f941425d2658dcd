#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

#include <support/catch.hpp>

#include <hposearch/cluster/authentication.hpp>
#include <hposearch/cluster/codec.hpp>
#include <hposearch/numeric/random.hpp>

using namespace hposearch;
using namespace hposearch::cluster;

namespace {

template <class M>
M round_trip(const M& message) {
  Bytes bytes;
  write_message(bytes, message);
  const ParsedFrame parsed = parse_frame(bytes, default_frame_limit);
  REQUIRE(parsed.status == ParsedFrame::Status::complete);
  CHECK(parsed.frame.kind == M::kind);
  CHECK(parsed.size == bytes.size());
  return read_message<M>(parsed.frame.body);
}

Bytes from_hex(std::string_view hex) {
  Bytes bytes;
  const auto digit = [](char c) { return static_cast<unsigned char>(c <= '9' ? c - '0' : c - 'a' + 10); };
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<unsigned char>(digit(hex[i]) << 4U | digit(hex[i + 1])));
  return bytes;
}

template <class M>
Bytes frame_of(const M& message) {
  Bytes bytes;
  write_message(bytes, message);
  return bytes;
}

}  // namespace

TEST_CASE("Messages come back as they were", "[cluster]") {
  Join join;
  join.slots = 3;
  join.space = std::numeric_limits<std::uint64_t>::max();
  join.name = "a";
  join.devices = {"0", "GPU-1"};
  join.labels = {"big"};
  join.resources = {{"gpu", 2}};
  join.running = {1, std::uint64_t{5} << 32U};
  const Join join_back = round_trip(join);
  CHECK(join_back.slots == 3);
  CHECK(join_back.space == join.space);
  CHECK(join_back.devices == join.devices);
  CHECK(join_back.resources == join.resources);
  CHECK(join_back.running == join.running);
  CHECK(join_back.finished.empty());

  Result result;
  result.status = ResultStatus::failed;
  result.value = -0.0;
  result.message = "why\xff";
  result.run_ns = 1'000'000'000'000;
  const Result result_back = round_trip(result);
  CHECK(result_back.status == ResultStatus::failed);
  CHECK(std::signbit(result_back.value));
  CHECK(result_back.message == result.message);
  CHECK(result_back.run_ns == result.run_ns);

  Task task;
  task.task = 77;
  task.point.bytes = {0xa1, 0x61, 'x', 0x01};
  const Task task_back = round_trip(task);
  CHECK(task_back.point.bytes == task.point.bytes);
  CHECK_FALSE(task_back.timeout_ns);
  static_cast<void>(round_trip(Ping{}));
  CHECK(round_trip(Bye{"done"}).reason == "done");
}

// The bytes that docs/protocol.md shows.
TEST_CASE("Messages are the bytes that the document shows", "[cluster]") {
  const ByteView token = bytes_of("0123456789abcdef0123456789abcdef");
  CHECK(frame_of(Challenge{}) ==
        from_hex("5600000001000000a46870726f746f636f6c6968706f7365617263686b6d696e5f76657273696f6e016b6d61785f7665"
                 "7273696f6e02656e6f6e636558200000000000000000000000000000000000000000000000000000000000000000"));
  Hello hello;
  hello.worker = "w";
  hello.proof = make_proof(token, Side::worker, {}, {}, "w");
  CHECK(frame_of(hello) ==
        from_hex("6300000002000000a46776657273696f6e0266776f726b65726177656e6f6e6365582000000000000000000000000000"
                 "000000000000000000000000000000000000006570726f6f665820d2c6773b4cc634e88ac5d7d1e8d8a4d958d5b07558"
                 "f42e403b83996d8776b627"));
  CHECK(frame_of(Welcome{make_proof(token, Side::head, {}, {}, "w")}) ==
        from_hex("2900000003000000a16570726f6f66582040232e32591c500e9795fa7523f651eef4e125484aa16227598b40137e56eb51"));
  CHECK(frame_of(Join{}) == from_hex("0800000004000000a165736c6f747301"));
  Accept accept;
  accept.heartbeat_ms = 1000;
  accept.lease_ms = 5000;
  CHECK(frame_of(accept) ==
        from_hex("3700000005000000a46c6865617274626561745f6d731903e8686c656173655f6d731913886a66697273745f736c6f74"
                 "00686d61785f626f64791a00100000"));
  Result result;
  result.task = 4294967296;
  result.value = 0.25;
  CHECK(frame_of(result) ==
        from_hex("2f00000008000000a3647461736b1b00000001000000006673746174757369636f6d706c657465646576616c7565fb3fd0"
                 "000000000000"));
  CHECK(frame_of(Ping{}) == from_hex("010000000d000000a0"));
}

TEST_CASE("Unknown fields are passed over; missing, doubled and wrong ones are refused", "[cluster]") {
  const auto ack = [](std::string_view hex) { return read_message<Ack>(from_hex(hex)).task; };
  CHECK(ack("a1647461736b07") == 7);
  CHECK(ack("a26161820102647461736b07") == 7);
  for (const auto* hex : {"", "80", "a0", "a1647461736b", "a1647461736b20", "a2647461736b07647461736b07",
                          "a1647461736b0700", "a2647461736b07", "bf647461736b07ff", "a10707"})
    CHECK_THROWS_AS(ack(hex), MalformedMessage);
  // null stands for none where a field may have none
  CHECK_FALSE(read_message<Join>(from_hex("a265736c6f747301657370616365f6")).space);
}

TEST_CASE("Whatever bytes come as a message, it is read or refused", "[cluster]") {
  numeric::Random random{3};
  Join join;
  join.labels = {"a", "b"};
  join.resources = {{"gpu", 1}};
  join.running = {1, 2, 3};
  const Bytes good = [&] {
    Bytes bytes = frame_of(join);
    return Bytes(bytes.begin() + frame_header_bytes, bytes.end());
  }();
  std::size_t refused = 0;
  for (std::size_t i = 0; i < 20'000; ++i) {
    Bytes bad = good;
    for (std::size_t change = 1 + random.below(3); change > 0; --change)
      bad[random.below(bad.size())] = static_cast<unsigned char>(random.below(256));
    if (random.below(4) == 0) bad.resize(random.below(bad.size()));
    try {
      static_cast<void>(read_message<Join>(bad));
    } catch (const MalformedMessage&) {
      ++refused;
    }
  }
  CHECK(refused > 5'000);
}

TEST_CASE("A proof depends on the token, the side, both nonces and the worker", "[cluster]") {
  const ByteView token = bytes_of("0123456789abcdef0123456789abcdef");
  const Nonce one = random_nonce(), other = random_nonce();
  CHECK(one != other);
  const Proof proof = make_proof(token, Side::worker, one, other, "w");
  CHECK(same_proof(proof, make_proof(token, Side::worker, one, other, "w")));
  for (const Proof& different :
       {make_proof(bytes_of("1123456789abcdef0123456789abcdef"), Side::worker, one, other, "w"),
        make_proof(token, Side::head, one, other, "w"), make_proof(token, Side::worker, other, one, "w"),
        make_proof(token, Side::worker, one, other, "v")})
    CHECK_FALSE(same_proof(proof, different));
}
