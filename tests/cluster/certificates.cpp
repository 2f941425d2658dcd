#include <filesystem>
#include <string>
#include <vector>

#include <support/catch.hpp>
#include <support/temporary_folder.hpp>
#include <support/thrown.hpp>
#include <sys/stat.h>

#include <hposearch/cluster/certificates.hpp>

using namespace hposearch;
using Catch::Contains;
using support::TemporaryFolder;
using support::thrown;

namespace {

unsigned mode(const std::filesystem::path& path) {
  struct stat about {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  return about.st_mode & 07777U;
}

std::string description(const std::filesystem::path& folder, const std::string& side) {
  const detail::Identity identity = detail::read_identity(folder / (side + ".pem"), folder / (side + ".key"));
  const detail::OpensslBio memory{BIO_new(BIO_s_mem())};
  REQUIRE(X509_print(memory.get(), identity.certificate.get()) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace

TEST_CASE("Certificates say who they are for, and their keys belong to their owner alone") {
  const TemporaryFolder folder;
  const auto certs = folder / "certs";
  const auto files = make_certificates({.folder = certs, .hosts = {"node7.cluster", "10.1.2.3", "fe80::7"}});
  CHECK(files.size() == 6);
  CHECK(mode(certs) == 0700);
  for (const auto& file : files) CHECK(mode(file) == 0600);

  CHECK_THAT(description(certs, "ca"), Contains("CA:TRUE") && Contains("Certificate Sign"));
  const std::string head = description(certs, "head");
  CHECK_THAT(head, Contains("DNS:localhost, IP Address:127.0.0.1") && Contains("DNS:node7.cluster") &&
                       Contains("IP Address:10.1.2.3") && Contains("IP Address:FE80:0:0:0:0:0:0:7"));
  CHECK_THAT(head, Contains("TLS Web Server Authentication") && !Contains("Client") && Contains("CA:FALSE"));
  CHECK_THAT(head, Contains("NIST CURVE: P-256") && Contains("ecdsa-with-SHA256"));
  CHECK_THAT(description(certs, "worker"), Contains("TLS Web Client Authentication") && !Contains("Server"));
}

TEST_CASE("Certificates are not overwritten, and a side is renewed by the same authority") {
  const TemporaryFolder folder;
  const CertificateOptions options{.folder = folder.path(), .hosts = {}};
  static_cast<void>(make_certificates(options));
  const std::string authority = description(folder.path(), "ca"), worker = description(folder.path(), "worker");
  CHECK_THAT(thrown<Error>([&] { return make_certificates(options); }), Contains("holds certificates already"));

  std::filesystem::remove(folder / "worker.key");
  CHECK_THAT(thrown<Error>([&] { return make_certificates(options); }), Contains("worker.pem is there already"));
  CHECK_FALSE(std::filesystem::exists(folder / "worker.key"));
  std::filesystem::remove(folder / "worker.pem");
  CHECK(make_certificates(options).size() == 2);
  CHECK(description(folder.path(), "ca") == authority);
  CHECK(description(folder.path(), "worker") != worker);

  std::filesystem::remove(folder / "ca.key");
  std::filesystem::remove(folder / "head.key");
  std::filesystem::remove(folder / "head.pem");
  CHECK_THAT(thrown<Error>([&] { return make_certificates(options); }), Contains("ca.pem is there already"));
}

TEST_CASE("What cannot be certified is refused") {
  const TemporaryFolder folder;
  const auto refusal = [&](const CertificateOptions& options) {
    std::string message = thrown<InvalidArgument>([&] { return make_certificates(options); });
    CHECK(std::filesystem::is_empty(folder.path()));
    return message;
  };
  for (const char* host : {"", "a b", "a,DNS:b", "tcp://a", "a\n", "h\xc3\xa9"})
    CHECK_THAT(refusal({.folder = folder.path(), .hosts = {host}}), Contains("must be a host's name or address"));
  CHECK_THAT(refusal({.folder = folder.path(), .hosts = {}, .valid = std::chrono::days{0}}),
             Contains("\"valid\" = 0 days"));
  CHECK_THAT(refusal({.folder = folder.path(), .hosts = {}, .authority_valid = std::chrono::days{4000}}),
             Contains("1 to 3650"));
  CHECK_THAT(thrown<Error>([&] { return make_certificates({.folder = "/proc/none", .hosts = {}}); }),
             Contains("/proc/none"));
}

TEST_CASE("A key that others can read, or of something else, is refused") {
  const TemporaryFolder folder;
  static_cast<void>(make_certificates({.folder = folder.path(), .hosts = {}}));
  const auto read = [&](const char* certificate, const char* key) {
    return thrown<Error>([&] { return detail::read_identity(folder / certificate, folder / key); });
  };
  CHECK(read("head.pem", "head.key") == "nothing");
  CHECK_THAT(read("head.pem", "worker.key"), Contains("worker.key is not the key of "));
  CHECK_THAT(read("head.pem", "ca.pem"), Contains("ca.pem holds no key"));
  CHECK_THAT(read("head.key", "head.key"), Contains("head.key holds no certificate"));
  CHECK_THAT(read("none.pem", "head.key"), Contains("cannot read") && Contains("none.pem"));
  CHECK_THAT(read("head.pem", "none.key"), Contains("cannot read") && Contains("none.key"));
  REQUIRE(::chmod((folder / "head.key").c_str(), 0644) == 0);
  CHECK_THAT(read("head.pem", "head.key"), Contains("chmod 600"));
}
