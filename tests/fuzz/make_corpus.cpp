// Writes first inputs for the fuzzers: what an orderly cluster would do, so that they need not guess a whole session.
//
//   make_corpus FOLDER       makes FOLDER/frames, FOLDER/head and FOLDER/worker
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>
#include <utility>

#include <hposearch/cluster/codec.hpp>
#include <hposearch/cluster/message.hpp>

#include "head_play.hpp"
#include "worker_play.hpp"

namespace {

using namespace hposearch::cluster;
using Steps = std::initializer_list<std::initializer_list<unsigned>>;

class Writer {
 public:
  explicit Writer(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
  }
  void write(const Bytes& bytes) {
    std::ofstream file{folder_ / std::to_string(count_++), std::ios::binary};
    file << text_of(bytes);
  }
  void write(const Steps& steps) {
    Bytes bytes;
    for (const auto& step : steps)
      for (const unsigned value : step) bytes.push_back(static_cast<unsigned char>(value));
    write(bytes);
  }

 private:
  std::filesystem::path folder_;
  int count_ = 0;
};

template <class... M>
Bytes frames(unsigned char piece, const M&... messages) {
  Bytes bytes{piece};
  (write_message(bytes, messages), ...);
  return bytes;
}

void write_frames(Writer writer) {
  Join join{.slots = 3, .space = 7, .name = "w", .host = "node7", .process = 5, .devices = {"0", "1"}};
  join.labels = {"fast"};
  join.resources = {{"gpu", 2}};
  join.running = {1, 2};
  join.queued = {3};
  join.finished = {4};
  Task task{.task = 9, .trial = 8, .point = {{0xA1, 0x61, 'x', 0xFB, 0x3F, 0xE0, 0, 0, 0, 0, 0, 0}}, .timeout_ns = 5};
  const Result result{
      .task = 9, .status = ResultStatus::failed, .value = 0, .message = "no data", .slot = 2, .run_ns = 7};
  writer.write(frames(0, Challenge{}, Hello{.worker = "w"}, Welcome{}));
  writer.write(frames(255, join, Accept{1000, 5000, 0}));
  writer.write(frames(3, task, Report{9, -1, 0.5, 1}, result, Ack{9}));
  writer.write(frames(7, Ping{}, Pong{}, Cancel{1}, Recall{2}, Drain{}, Bye{"over"}, Refuse{"token", "no"}));
}

unsigned step(HeadStep step) { return static_cast<unsigned>(step); }
unsigned step(WorkerStep step) { return static_cast<unsigned>(step); }

void write_head(Writer writer) {
  using enum HeadStep;
  // Two workers, three trials, one of which goes to the other worker when the first is lost.
  writer.write({{step(connect)},
                {step(hello), 1, 0},
                {step(join), 1, 1, 1, 1, 0, 0, 0},
                {step(connect)},
                {step(hello), 2, 1},
                {step(join), 2, 0, 0, 0, 0, 0, 0},
                {step(start), 1},
                {step(start), 0, 200},
                {step(start), 1},
                {step(report), 1, 0, 1},
                {step(result), 1, 2, 0, 0, 0},
                {step(events)},
                {step(disconnect), 1},
                {step(wait), 250, 250},
                {step(result), 2, 1, 1, 0, 0},
                {step(events)}});
  // A worker comes back with what it has.
  writer.write({{step(connect)},
                {step(hello), 1, 0},
                {step(join), 1, 1, 1, 1, 0, 0, 0},
                {step(start), 1},
                {step(start), 1},
                {step(disconnect), 1},
                {step(connect)},
                {step(hello), 2, 0},
                {step(join), 2, 1, 1, 1, 1, 0, 1, 0, 0},
                {step(result), 2, 0, 0, 0, 0},
                {step(events)},
                {step(cancel), 1},
                {step(result), 2, 1, 2, 0, 0},
                {step(events)}});
  // Nothing fits: recalled, drained, held back, refused.
  writer.write({{step(restore), 1},
                {step(start), 1},
                {step(connect)},
                {step(hello), 1, 2},
                {step(join), 1, 1, 0, 0, 0, 0, 1, 1},
                {step(recall), 1},
                {step(result), 1, 0, 3, 0, 0},
                {step(drain), 2},
                {step(raw), 1, 12, 1, 0xA0},
                {step(malformed), 1},
                {step(wait), 255, 255}});
}

void write_worker(Writer writer) {
  using enum WorkerStep;
  const std::initializer_list<unsigned> joining{step(wait),   1, 0, step(connect), step(challenge), step(welcome),
                                                step(accept), 0};
  writer.write({joining,
                {step(task), 1, 0},
                {step(task), 2, 5},
                {step(task), 3, 2},
                {step(report), 1},
                {step(finish), 0, 0},
                {step(acknowledge), 1},
                {step(recall), 3},
                {step(cancel), 2},
                {step(wait), 100, 100},
                {step(acknowledge), 2},
                {step(drain)},
                {step(bye)}});
  writer.write({joining,
                {step(task), 1, 1},
                {step(task), 2, 0},
                {step(disconnect)},
                {step(finish), 1, 1},
                joining,
                {step(acknowledge), 2},
                {step(wait), 255, 255},
                {step(raw), 12, 1, 0xA0}});
  writer.write({{step(wait), 1, 1},
                {step(connect)},
                {step(refuse), 0},
                {step(wait), 255, 10},
                {step(connect)},
                {step(malformed)}});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::filesystem::path folder = argv[1];
  write_frames(Writer{folder / "frames"});
  write_head(Writer{folder / "head"});
  write_worker(Writer{folder / "worker"});
}
