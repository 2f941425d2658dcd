#include <support/catch.hpp>

#include <hposearch/search/progress_text.hpp>

using namespace hposearch;

TEST_CASE("The status line says how far the search is, how fast, what is best and who is busy") {
  SearchStatus status;
  status.ended = 12;
  status.planned = 60;
  status.completed = 9;
  status.failed = 1;
  status.pruned = 2;
  status.running = 3;
  status.slots = 3;
  status.elapsed = std::chrono::seconds{31};
  status.best_value = 0.123;
  status.best_point = "lr=0.01";
  CHECK(progress_text(status) ==
        "12/60 [00:31<02:04, 2.58 s each] best 0.123 at lr=0.01 | 1 failed 2 pruned | 3/3 busy");
}

TEST_CASE("Unknown lengths and empty searches have a line as well") {
  SearchStatus status;
  CHECK(progress_text(status) == "0 [00:00, ?/s] | 0/0 busy");
  status.planned = 5;
  CHECK(progress_text(status) == "0/5 [00:00<?, ?/s] | 0/0 busy");
  status.ended = 5000;
  status.elapsed = std::chrono::seconds{4000};
  status.over = true;
  CHECK(progress_text(status) == "5000/5 [1:06:40, 1.25/s]");
}

TEST_CASE("What the executor says of its places is shown while the search runs") {
  SearchStatus status;
  status.executor = "GPU 0 1/80 GiB 97 %";
  CHECK(progress_text(status) == "0 [00:00, ?/s] | 0/0 busy | GPU 0 1/80 GiB 97 %");
  status.over = true;
  CHECK(progress_text(status) == "0 [00:00, ?/s]");
}

TEST_CASE("A stopping search says that it finishes what runs") {
  SearchStatus status;
  status.stopping = true;
  status.cancelled = 1;
  CHECK(progress_text(status) == "0 [00:00, ?/s] | 1 cancelled | 0/0 busy | finishing what runs");
}

TEST_CASE("Points are shown with four digits a number") {
  CHECK(detail::short_numbers("lr=0.0016970920624065152 n=123456789 pool=max") == "lr=0.001697 n=123456789 pool=max");
  CHECK(detail::short_numbers("a=1.5e-300 b=-2.25 c=1.2.3 d=") == "a=1.5e-300 b=-2.25 c=1.2.3 d=");
  CHECK(detail::short_numbers("").empty());
}

TEST_CASE("The bar fills with the share of ended trials") {
  SearchStatus status;
  CHECK(progress_bar(status, 10).empty());
  status.planned = 4;
  CHECK(progress_bar(status, 4) == "  0% ░░░░ ");
  status.ended = 2;
  CHECK(progress_bar(status, 4) == " 50% ██░░ ");
  status.ended = 9;  // more than planned, as when trials of a finite space are told from outside
  CHECK(progress_bar(status, 4) == "100% ████ ");
}
