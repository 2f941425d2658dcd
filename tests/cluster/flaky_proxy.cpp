#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <thread>

#include <boost/asio/read.hpp>
#include <poll.h>
#include <support/catch.hpp>
#include <support/flaky_proxy.hpp>

using namespace std::chrono_literals;
using boost::asio::ip::tcp;
using support::FlakyProxy;
using support::Weather;

namespace {

/// A client and a server with a proxy between them.
struct Line {
  boost::asio::io_context io;
  tcp::acceptor acceptor{io, {boost::asio::ip::address_v4::loopback(), 0}};
  FlakyProxy proxy{acceptor.local_endpoint().port()};
  tcp::socket client{io}, server{io};
  Line() { connect(); }
  void connect() {
    client = tcp::socket{io};
    client.connect({boost::asio::ip::address_v4::loopback(), proxy.port()});
    server = acceptor.accept();
  }
};

void send(tcp::socket& to, std::string_view text) { boost::asio::write(to, boost::asio::buffer(text)); }

/// What arrives until `size` bytes are there or the connection ends.
std::string receive(tcp::socket& from, std::size_t size) {
  std::string text(size, '?');
  boost::system::error_code ended;
  text.resize(boost::asio::read(from, boost::asio::buffer(text), ended));
  return text;
}

bool silent(tcp::socket& socket, std::chrono::milliseconds time) {
  pollfd watched{socket.native_handle(), POLLIN, 0};
  return ::poll(&watched, 1, static_cast<int>(time.count())) == 0;
}

}  // namespace

TEST_CASE("A proxy forwards both ways, and the end") {
  Line line;
  send(line.client, "there");
  CHECK(receive(line.server, 5) == "there");
  send(line.server, "back");
  CHECK(receive(line.client, 4) == "back");
  CHECK(line.proxy.connections() == 1);
  line.client.close();
  CHECK(receive(line.server, 1).empty());
  CHECK(line.proxy.bytes(FlakyProxy::to_server) == 5);
}

TEST_CASE("A partition holds bytes and ends back until it heals") {
  Line line;
  line.proxy.partition();
  send(line.client, "held");
  send(line.server, "too");
  CHECK(silent(line.server, 20ms));
  CHECK(silent(line.client, 1ms));
  line.proxy.heal();
  CHECK(receive(line.server, 4) == "held");
  CHECK(receive(line.client, 3) == "too");
  line.proxy.partition();
  line.client.close();
  CHECK(silent(line.server, 20ms));
  line.proxy.heal();
  CHECK(receive(line.server, 1).empty());
}

TEST_CASE("One direction can be blocked alone") {
  Line line;
  line.proxy.set(FlakyProxy::to_client, {.blocked = true});
  send(line.client, "heard");
  CHECK(receive(line.server, 5) == "heard");
  send(line.server, "not heard");
  CHECK(silent(line.client, 20ms));
}

TEST_CASE("Connections are cut, at once or after some bytes") {
  Line line;
  line.proxy.cut();
  CHECK(receive(line.client, 1).empty());
  CHECK(receive(line.server, 1).empty());
  line.proxy.set(FlakyProxy::to_server, {.cut_after = 3});
  line.connect();
  send(line.client, "truncated");
  CHECK(receive(line.server, 9) == "tru");
  CHECK(line.proxy.connections() == 2);
}

TEST_CASE("Bytes come one by one, twice, or late") {
  Line line;
  line.proxy.set(FlakyProxy::to_server, {.single_bytes = true, .twice = true});
  send(line.client, "abc");
  CHECK(receive(line.server, 6) == "aabbcc");
  line.proxy.set(FlakyProxy::to_server, {.delay = 20ms});
  const auto sent = std::chrono::steady_clock::now();
  send(line.client, "late");
  CHECK(receive(line.server, 4) == "late");
  CHECK(std::chrono::steady_clock::now() - sent >= 20ms);
}
