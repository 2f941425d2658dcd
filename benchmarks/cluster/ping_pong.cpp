// The limit: messages of a trial's size between one process and W others over TCP, by plain Asio, with nothing in them.
#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.hpp"

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using benchmark::Clock;
using boost::system::error_code;

// A task and a result of four parameters with their frames' headers, as docs/protocol.md has them.
constexpr std::size_t task_bytes = 128, result_bytes = 64;

/// Reads messages of `In` bytes as they come and answers or counts them; what is to be sent is sent together.
template <std::size_t In>
class Peer {
 public:
  explicit Peer(tcp::socket socket) : socket_(std::move(socket)) { socket_.set_option(tcp::no_delay{true}); }

  template <class Take>
  void read(Take take) {
    socket_.async_read_some(asio::buffer(input_.data() + have_, input_.size() - have_),
                            [this, take](error_code error, std::size_t count) {
                              if (error) return;
                              have_ += count;
                              for (; have_ >= In; have_ -= In) take();
                              read(take);
                            });
  }
  void send(std::size_t bytes) {
    waiting_ += bytes;
    if (sending_ == 0) write();
  }

 private:
  void write() {
    sending_ = std::exchange(waiting_, 0);
    output_.resize(sending_);
    asio::async_write(socket_, asio::buffer(output_), [this](error_code error, std::size_t) {
      sending_ = 0;
      if (!error && waiting_ > 0) write();
    });
  }

  tcp::socket socket_;
  std::array<char, 65536> input_;
  std::vector<char> output_;
  std::size_t have_ = 0, waiting_ = 0, sending_ = 0;
};

[[noreturn]] void serve(std::uint16_t port) {
  asio::io_context io{1};
  tcp::socket socket{io};
  socket.connect({asio::ip::address_v4::loopback(), port});
  Peer<task_bytes> peer{std::move(socket)};
  peer.read([&] { peer.send(result_bytes); });
  io.run();
  ::_exit(0);
}

struct Worker {
  explicit Worker(tcp::socket socket) : peer(std::move(socket)) {}
  Peer<result_bytes> peer;
  std::vector<Clock::time_point> sent;  // answers come in the order of the questions
  std::size_t answered = 0;
};

void measure(std::size_t processes, std::size_t outstanding, std::size_t messages) {
  asio::io_context io{1};
  tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
  std::vector<pid_t> children;
  for (std::size_t i = 0; i < processes; ++i) {
    const pid_t child = ::fork();
    if (child == 0) serve(acceptor.local_endpoint().port());
    children.push_back(child);
  }
  std::vector<std::unique_ptr<Worker>> workers;
  for (std::size_t i = 0; i < processes; ++i) workers.push_back(std::make_unique<Worker>(acceptor.accept()));
  std::vector<double> round_trips;
  std::size_t asked = 0;
  const auto ask = [&](Worker& worker) {
    if (asked++ >= messages) return;
    worker.sent.push_back(Clock::now());
    worker.peer.send(task_bytes);
  };
  const auto begin = Clock::now();
  for (auto& worker : workers) {
    worker->peer.read([&, w = worker.get()] {
      round_trips.push_back(1e6 * benchmark::seconds(Clock::now() - w->sent[w->answered++]));
      if (round_trips.size() == messages) return io.stop();
      ask(*w);
    });
    for (std::size_t i = 0; i < outstanding; ++i) ask(*worker);
  }
  io.run();
  benchmark::print_row("raw Asio ping-pong", outstanding,
                       static_cast<double>(messages) / benchmark::seconds(Clock::now() - begin), round_trips);
  for (const pid_t child : children) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t processes = argc > 1 ? std::stoul(argv[1]) : 3;
  measure(processes, 1, 100'000);
  measure(processes, 8, 400'000);
}
