#include <filesystem>
#include <memory>
#include <string>

#include <support/catch.hpp>
#include <support/temporary_folder.hpp>
#include <support/thrown.hpp>
#include <sys/stat.h>

#include <hposearch/cluster/tls.hpp>

using namespace hposearch;
using Catch::Contains;
using detail::TlsSide;
using support::TemporaryFolder;
using support::thrown;

namespace {

using Context = boost::asio::ssl::context;

/// Certificates for a head called node7, made once.
const std::filesystem::path& certs() {
  static const TemporaryFolder folder;
  static const auto files = make_certificates({.folder = folder.path(), .hosts = {"node7", "10.1.2.3"}});
  return folder.path();
}

struct Handshake {
  bool done = false;  // on both sides, with one message each way
  std::string version{}, head_refusal{}, worker_refusal{};
};

/// A handshake over memory: both sides take turns until nothing more happens.
Handshake shake_hands(Context& head_context, Context& worker_context, const std::string& host) {
  const std::unique_ptr<SSL, detail::OpensslFree<SSL_free>> head{SSL_new(head_context.native_handle())},
      worker{SSL_new(worker_context.native_handle())};
  BIO *head_end = nullptr, *worker_end = nullptr;
  REQUIRE(BIO_new_bio_pair(&head_end, 0, &worker_end, 0) == 1);
  SSL_set_bio(head.get(), head_end, head_end);
  SSL_set_bio(worker.get(), worker_end, worker_end);
  SSL_set_accept_state(head.get());
  SSL_set_connect_state(worker.get());
  detail::expect_host(*worker, host);
  char seen_by_head = 0, seen_by_worker = 0;
  for (int turn = 0; turn < 10; ++turn) {
    for (auto* side : {worker.get(), head.get()}) {
      ERR_clear_error();
      if (SSL_do_handshake(side) == 1 && turn == 5) SSL_write(side, side == head.get() ? "h" : "w", 1);
    }
    SSL_read(head.get(), &seen_by_head, 1);
    SSL_read(worker.get(), &seen_by_worker, 1);
  }
  ERR_clear_error();
  return {seen_by_head == 'w' && seen_by_worker == 'h', SSL_get_version(worker.get()), detail::refusal_text(*head),
          detail::refusal_text(*worker)};
}

Handshake shake_hands(const TlsFiles& head, const TlsFiles& worker, const std::string& host = "node7") {
  Context head_context = detail::make_tls_context(TlsSide::head, head);
  Context worker_context = detail::make_tls_context(TlsSide::worker, worker);
  return shake_hands(head_context, worker_context, host);
}

}  // namespace

TEST_CASE("Head and worker of one authority trust each other, by TLS 1.3") {
  for (const char* host : {"node7", "10.1.2.3", "localhost", "127.0.0.1", "::1"}) {
    const auto result = shake_hands(TlsFiles::of_head(certs()), TlsFiles::of_worker(certs()), host);
    CHECK(result.done);
    CHECK(result.version == "TLSv1.3");
    CHECK(result.head_refusal.empty());
    CHECK(result.worker_refusal.empty());
  }
}

TEST_CASE("A head under another name is refused with the remedy") {
  for (const char* host : {"node8", "10.1.2.4"}) {
    const auto result = shake_hands(TlsFiles::of_head(certs()), TlsFiles::of_worker(certs()), host);
    CHECK_FALSE(result.done);
    CHECK_THAT(result.worker_refusal, Contains("hposearch certs --host"));
  }
}

TEST_CASE("Another authority's certificates are refused on either side") {
  const TemporaryFolder other;
  static_cast<void>(make_certificates({.folder = other.path(), .hosts = {"node7"}}));
  TlsFiles strange_worker = TlsFiles::of_worker(other.path()), strange_head = TlsFiles::of_head(other.path());
  strange_worker.authority = strange_head.authority = certs() / "ca.pem";
  auto result = shake_hands(TlsFiles::of_head(certs()), strange_worker);
  CHECK_FALSE(result.done);
  CHECK_THAT(result.head_refusal, Contains("refused"));
  result = shake_hands(strange_head, TlsFiles::of_worker(certs()));
  CHECK_FALSE(result.done);
  CHECK_THAT(result.worker_refusal, Contains("refused"));
}

TEST_CASE("A worker's certificate does not make a head, nor a head's a worker") {
  CHECK_FALSE(shake_hands(TlsFiles::of_worker(certs()), TlsFiles::of_worker(certs())).done);
  CHECK_FALSE(shake_hands(TlsFiles::of_head(certs()), TlsFiles::of_head(certs())).done);
}

TEST_CASE("A worker without a certificate is refused, and so is an older TLS") {
  Context head = detail::make_tls_context(TlsSide::head, TlsFiles::of_head(certs()));
  Context bare{Context::tlsv13_client};
  CHECK_FALSE(shake_hands(head, bare, "node7").done);
  Context old = detail::make_tls_context(TlsSide::worker, TlsFiles::of_worker(certs()));
  SSL_CTX_set_min_proto_version(old.native_handle(), TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(old.native_handle(), TLS1_2_VERSION);
  CHECK_FALSE(shake_hands(head, old, "node7").done);
}

TEST_CASE("Files that do not do are named") {
  const auto error = [](const TlsFiles& files) {
    return thrown<Error>([&] { return detail::make_tls_context(TlsSide::head, files); });
  };
  TlsFiles files = TlsFiles::of_head(certs());
  files.authority = certs() / "none.pem";
  CHECK_THAT(error(files), Contains("none.pem holds no authority's certificate"));
  files = TlsFiles::of_head(certs());
  files.key = certs() / "worker.key";
  CHECK_THAT(error(files), Contains("is not the key of"));
  CHECK_THAT(error(TlsFiles::of_head("/none")), Contains("/none/head.key"));
}

TEST_CASE("A certificate out of its time is refused when it is loaded") {
  const detail::Identity identity = detail::read_identity(certs() / "head.pem", certs() / "head.key");
  X509* certificate = identity.certificate.get();
  CHECK_NOTHROW(detail::check_dates(*certificate, "head.pem"));
  X509_gmtime_adj(X509_getm_notAfter(certificate), -1);
  CHECK_THAT(thrown<Error>([&] {
               detail::check_dates(*certificate, "head.pem");
               return 0;
             }),
             Contains("has expired"));
  X509_gmtime_adj(X509_getm_notBefore(certificate), 100);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 200);
  CHECK_THAT(thrown<Error>([&] {
               detail::check_dates(*certificate, "head.pem");
               return 0;
             }),
             Contains("not valid yet"));
}
