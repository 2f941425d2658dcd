// What does a trial cost the head's state machine, by the number of workers? No sockets, and a clock that stands still
// while a thousand, ten thousand workers answer.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <hposearch/cluster/head_state.hpp>

#include "measure.hpp"

namespace {

namespace hpo = hposearch;
using namespace hposearch::cluster;
using benchmark::Clock;

const hpo::Token token{"0123456789abcdef0123456789abcdef"};

template <class M>
void tell(HeadState& head, ConnectionId id, const M& message, Time now) {
  Bytes bytes;
  write_message(bytes, message);
  head.received(id, parse_frame(bytes, default_frame_limit).frame, now);
}

// Brings a worker in.
void add_worker(HeadState& head, ConnectionId id, Time now) {
  head.connected(id, now);
  const Bytes sent = std::exchange(head.outgoing(id), {});
  const auto challenge = read_message<Challenge>(parse_frame(sent, default_frame_limit).frame.body);
  Hello hello;
  hello.worker = std::to_string(id);
  hello.proof = make_proof(token.bytes(), Side::worker, challenge.nonce, hello.nonce, hello.worker);
  tell(head, id, hello, now);
  tell(head, id, Join{}, now);
  head.outgoing(id).clear();
}

double microseconds_per_trial(std::size_t workers, std::size_t trials) {
  HeadState head{token, {.prefetch = 0}};
  Time now{};
  for (ConnectionId id = 1; id <= workers; ++id) add_worker(head, id, now);
  while (head.has_event()) static_cast<void>(head.take_event());
  static_cast<void>(head.take_written());
  const Bytes point = {0xa0};
  hpo::TrialId started = 0;
  std::size_t ended = 0;
  const auto begin = Clock::now();
  while (started < trials && head.in_flight() < head.slots()) head.start(started++, point, {}, now);
  while (ended < trials) {
    now += std::chrono::milliseconds{1};
    for (const ConnectionId id : head.take_written()) {
      const Bytes sent = std::exchange(head.outgoing(id), {});
      for (ByteView rest = sent; !rest.empty();) {
        const ParsedFrame parsed = parse_frame(rest, default_frame_limit);
        rest = rest.subspan(parsed.size);
        if (parsed.frame.kind != FrameKind::task) continue;
        Result result;
        result.task = read_message<Task>(parsed.frame.body).task;
        tell(head, id, result, now);
      }
    }
    while (head.has_event()) {
      head.consumed(head.take_event().task);
      ++ended;
      if (started < trials) head.start(started++, point, {}, now);
    }
  }
  return 1e6 * benchmark::seconds(Clock::now() - begin) / static_cast<double>(trials);
}

}  // namespace

int main() {
  fmt::print("{:>8} {:>9} {:>16}\n", "workers", "trials", "us for each");
  for (const std::size_t workers : {10U, 100U, 1'000U, 10'000U, 100'000U})
    fmt::print("{:>8} {:>9} {:>16.2f}\n", workers, 1'000'000, microseconds_per_trial(workers, 1'000'000));
}
