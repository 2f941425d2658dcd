// Workers that are not this library's: in Python, written from the protocol's description, and commands.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <support/catch.hpp>
#include <support/flaky_proxy.hpp>
#include <support/temporary_folder.hpp>

#include "harness.hpp"

#if __has_include(<CLI/CLI.hpp>)
#include "../../examples/hposearch/certs.hpp"
#include "../../examples/hposearch/worker.hpp"
#endif

using namespace faults;
using Catch::Contains;

#if defined(HPOSEARCH_TEST_PYTHON)

namespace {

const char* const python_objective = R"(
import os, time

def evaluate(point, trial):
    trial.report(0, os.getpid())
    if point["what"] == "throw":
        raise ValueError("it was told to throw")
    trial.stop.wait(point["ms"] / 1000)
    return point["x"]
)";

/// A worker in Python.
class PythonWorker {
 public:
  explicit PythonWorker(const std::string& url) {
    std::ofstream{folder_ / "objective.py"} << python_objective;
    const auto program =
        std::filesystem::path{__FILE__}.parent_path() / ".." / ".." / "examples" / "python_worker" / "worker.py";
    process =
        std::make_unique<WorkerProcess>(std::vector<std::string>{HPOSEARCH_TEST_PYTHON, "-B", program.string(), url,
                                                                 (folder_ / "objective.py").string(), "--slots", "2"},
                                        token);
  }

 private:
  support::TemporaryFolder folder_;

 public:
  std::unique_ptr<WorkerProcess> process;
};

}  // namespace

TEST_CASE("A worker in Python evaluates, reports, fails, stops and leaves") {
  auto cluster = std::make_unique<hpo::Cluster>(quick_options());
  Play play{*cluster};
  PythonWorker python{cluster->url()};
  play.until_slots(2);
  for (TrialId id = 0; id < 10; ++id) play.start(id, trial_of("wait", 1, 0.01 * static_cast<double>(id)));
  play.start(10, trial_of("throw"));
  play.start(11, trial_of("wait", 1'000'000), {.timeout = 50ms});
  play.start(12, trial_of("wait", 1'000'000));
  play.until_running(12);
  cluster->cancel(12);
  play.finish();
  for (TrialId id = 0; id < 10; ++id) {
    CHECK(play.end_of(id).value == 0.01 * static_cast<double>(id));
    CHECK(play.process_of(id) == python.process->id());
  }
  CHECK_THAT(play.end_of(10).message, Contains("ValueError: it was told to throw"));
  CHECK_THAT(play.end_of(11).message, Contains("exceeded its time limit of 0.05 s"));
  CHECK(play.end_of(12).kind == Kind::cancelled);
  cluster.reset();
  CHECK(python.process->status() == 0);
}

TEST_CASE("A worker in Python comes back with what it runs, and leaves when it is drained") {
  hpo::Cluster cluster{quick_options()};
  support::FlakyProxy proxy{cluster.port()};
  Play play{cluster};
  PythonWorker python{"tcp://127.0.0.1:" + std::to_string(proxy.port())};
  play.start(0, trial_of("wait", 300, 0.5));
  play.until_running(0);
  proxy.cut();
  play.finish();
  CHECK(play.begun(0) == 1);
  CHECK(play.end_of(0).value == 0.5);
  REQUIRE(cluster.workers().size() == 1);
  CHECK(cluster.drain(cluster.workers().front().id));
  play.until([&] { return python.process->has_ended(); });
  CHECK(python.process->status() == 0);
}

TEST_CASE("A worker in Python with another token is refused") {
  auto options = quick_options();
  options.token = hpo::Token{std::string(40, 'x')};
  hpo::Cluster cluster{options};
  Play play{cluster};
  PythonWorker python{cluster.url()};
  play.until([&] { return python.process->has_ended(); });
  CHECK(python.process->status() == 2);
  CHECK_THAT(python.process->output(), Contains("token"));
}

#endif

#if __has_include(<CLI/CLI.hpp>)

namespace {

/// Sets the token for workers in this process.
struct TokenVariable {
  TokenVariable() { ::setenv("HPOSEARCH_TOKEN", std::string(token.bytes().begin(), token.bytes().end()).c_str(), 1); }
  ~TokenVariable() { ::unsetenv("HPOSEARCH_TOKEN"); }
};

}  // namespace

TEST_CASE("The tool is a worker that runs a command for each trial") {
  const TokenVariable variable;
  auto cluster = std::make_unique<hpo::Cluster>(quick_options());
  CLI::App app;
  const WorkerCommand worker{app};
  const std::string url = cluster->url(), command = R"(sh -c "echo hposearch: report 0 $$; echo $HPO_X; exit {ms}")";
  app.parse("worker --slots 2 --name shell --label fast --command '" + command + "' " + url);
  REQUIRE(worker.chosen());
  int status = -1;
  std::thread serving{[&] { status = worker.run(); }};
  Play play{*cluster};
  play.until_slots(2);
  CHECK(cluster->workers().front().name == "shell");
  CHECK(cluster->workers().front().labels == std::vector<std::string>{"fast"});
  for (TrialId id = 0; id < 6; ++id) play.start(id, trial_of("wait", 0, 0.125 * static_cast<double>(id)));
  play.start(6, trial_of("wait", 3));
  play.finish();
  for (TrialId id = 0; id < 6; ++id) CHECK(play.end_of(id).value == 0.125 * static_cast<double>(id));
  CHECK_THAT(play.end_of(6).message, Contains("sh exited with status 3"));
  cluster.reset();
  serving.join();
  CHECK(status == 0);
}

namespace {

/// Serves as a worker, as the tool would. \returns the exit status
int serve(const std::string& arguments) {
  CLI::App app;
  const WorkerCommand worker{app};
  app.parse("worker --command 'echo 0.5' " + arguments);
  return worker.run();
}

void make_certificates_in(const support::TemporaryFolder& folder) {
  CLI::App app;
  const CertsCommand certs{app};
  app.parse("certs --out " + folder.path().string() + " --host node7");
  REQUIRE(certs.chosen());
  std::ostringstream said;
  certs.run(said);
  CHECK_THAT(said.str(), Contains("head.pem") && Contains("keep it where nobody else can read it"));
}

}  // namespace

TEST_CASE("The tool's certificates let head and worker meet over TLS") {
  const TokenVariable variable;
  const support::TemporaryFolder folder;
  make_certificates_in(folder);
  auto options = quick_options();
  options.tls = hpo::TlsFiles::of_head(folder.path());
  auto cluster = std::make_unique<hpo::Cluster>(options);
  CHECK_THAT(cluster->url(), Contains("tls://127.0.0.1:"));
  int status = -1;
  std::thread serving{
      [&, url = cluster->url()] { status = serve("--certificates " + folder.path().string() + ' ' + url); }};
  Play play{*cluster};
  for (TrialId id = 0; id < 3; ++id) play.start(id, trial_of("wait"));
  play.finish();
  CHECK(play.count(Kind::completed) == 3);
  cluster.reset();
  serving.join();
  CHECK(status == 0);
}

TEST_CASE("A head under another name than its certificate's is not served") {
  const TokenVariable variable;
  const support::TemporaryFolder folder;
  make_certificates_in(folder);
  auto options = quick_options();
  options.address = "127.0.0.2";
  options.tls = hpo::TlsFiles::of_head(folder.path());
  const hpo::Cluster cluster{options};
  CHECK(serve("--certificates " + folder.path().string() + ' ' + cluster.url()) == 2);
}

TEST_CASE("A worker with another authority's certificate is not let in, and the head says so") {
  const support::TemporaryFolder folder, other;
  make_certificates_in(folder);
  make_certificates_in(other);
  std::string notice;
  auto options = quick_options();
  options.tls = hpo::TlsFiles::of_head(folder.path());
  options.on_notice = [&](const auto& what) { notice = what.text; };
  auto cluster = std::make_unique<hpo::Cluster>(options);
  hpo::WorkerOptions worker_options;
  worker_options.head = hpo::parse_head_address(cluster->url());
  worker_options.tls = hpo::TlsFiles::of_worker(other.path());
  worker_options.tls->authority = folder / "ca.pem";
  worker_options.orphan = 50ms;
  hpo::Worker worker{token, worker_options, hpo::cluster::command_evaluator(hpo::Command{"true"})};
  const auto departure = worker.run();
  CHECK(departure.status == 0);
  CHECK_THAT(departure.reason, Contains("no head for too long"));
  CHECK(cluster->slots() == 0);
  cluster.reset();
  CHECK_THAT(notice, Contains("certificate of the other side was refused"));
}

#endif
