#include <optional>
#include <string>

#include <support/catch.hpp>

#include <hposearch/executor/gpu/verdict.hpp>

using namespace hposearch;

namespace {

using EventKind = ExecutorEvent::Kind;

// A trial on the first of two devices, and how an attempt of it ended.
struct Ended {
  detail::DeviceTask task{.id = 0, .options = {}, .job = nullptr, .request = {}, .slot = 0};
  ExecutorEvent event;
  LocalGpusOptions options;
  detail::Placement placement{{{.id = "0", .index = 0}, {.id = "1", .index = 1}}, 2, 1};

  explicit Ended(EventKind kind, std::string message = {}) {
    event.kind = kind;
    event.message = std::move(message);
    options.slots_per_gpu = 2;
  }
  [[nodiscard]] detail::Verdict judge() { return detail::judge(task, event, placement, options); }
};

}  // namespace

TEST_CASE("a trial that ended well, or for reasons of its own, stays ended as it is") {
  Ended well{EventKind::completed}, badly{EventKind::failed, "no convergence"};
  for (Ended* ended : {&well, &badly}) {
    const std::string before = ended->event.message;
    const detail::Verdict verdict = ended->judge();
    CHECK_FALSE(verdict.again);
    CHECK(verdict.devices_unusable.empty());
    CHECK(ended->event.message == before);
  }
}

TEST_CASE("running out of memory is tried again by itself once, where that is wanted and others can be in the way") {
  Ended ended{EventKind::failed, "CUDA out of memory"};
  CHECK_FALSE(ended.judge().again);
  CHECK(ended.event.message == "out of memory on device 0: CUDA out of memory");
  ended = Ended{EventKind::failed, "CUDA out of memory"};
  ended.options.retry_alone = true;
  CHECK(ended.judge().again);
  CHECK(ended.task.request.alone);
  CHECK_FALSE(ended.judge().again);
  CHECK(ended.event.message == "out of memory on device 0, alone there: CUDA out of memory");
  Ended undisturbed{EventKind::failed, "CUDA out of memory"};
  undisturbed.options.retry_alone = true;
  undisturbed.options.slots_per_gpu = 1;
  CHECK_FALSE(undisturbed.judge().again);
}

TEST_CASE("a trial that has lost its device is run again where there is another, unless it was cancelled") {
  Ended ended{EventKind::cancelled};
  ended.task.lost = "device 0 was lost";
  ended.placement.retire(0);
  CHECK(ended.judge().again);
  ended.options.restart_lost = false;
  CHECK_FALSE(ended.judge().again);
  CHECK(ended.event.kind == EventKind::failed);
  CHECK(ended.event.message.starts_with("device 0 was lost; look for its Xid error"));
  ended.task.cancelled = true;
  CHECK_FALSE(ended.judge().again);
  CHECK(ended.event.kind == EventKind::cancelled);
}

TEST_CASE("an error that stays makes devices unusable where trials share a process") {
  Ended ended{EventKind::failed, "an illegal memory access was encountered"};
  CHECK(ended.judge().devices_unusable.empty());
  ended.options.isolation = Isolation::thread;
  CHECK(ended.judge().devices_unusable.find("CUDA is of no use in this program") == 0);
}
