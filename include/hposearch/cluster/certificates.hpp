/// \file
/// Makes the certificates by which head and workers of a cluster know each other.
#pragma once

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <hposearch/cluster/private_file.hpp>
#include <hposearch/error.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

/// What certificates to make.
struct CertificateOptions {
  std::filesystem::path folder;             ///< where the files go; made if it is not there
  std::vector<std::string> hosts;           ///< names and addresses by which workers reach the head
  std::chrono::days valid{365};             ///< for how long from now; 1 to 3650 days
  std::chrono::days authority_valid{3650};  ///< the same of the authority that signs them
};

/// The files of one side: the authority's certificate, which both sides trust, and its own certificate and key.
struct TlsFiles {
  std::filesystem::path authority;
  std::filesystem::path certificate;
  std::filesystem::path key;

  /// As make_certificates names them: "ca.pem", "head.pem" and "head.key", or "worker.pem" and "worker.key".
  [[nodiscard]] static TlsFiles of_head(const std::filesystem::path& folder) { return in(folder, "head"); }
  [[nodiscard]] static TlsFiles of_worker(const std::filesystem::path& folder) { return in(folder, "worker"); }

 private:
  static TlsFiles in(const std::filesystem::path& folder, const std::string& side) {
    return {folder / "ca.pem", folder / (side + ".pem"), folder / (side + ".key")};
  }
};

namespace detail {

/// Frees what OpenSSL made.
template <auto free>
struct OpensslFree {
  template <class T>
  void operator()(T* made) const noexcept {
    free(made);
  }
};
using OpensslKey = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using OpensslCertificate = std::unique_ptr<X509, OpensslFree<X509_free>>;
using OpensslExtension = std::unique_ptr<X509_EXTENSION, OpensslFree<X509_EXTENSION_free>>;
using OpensslBio = std::unique_ptr<BIO, OpensslFree<BIO_free>>;

/// OpenSSL's own reason for the last failure.
[[nodiscard]] inline std::string openssl_reason() {
  const auto code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "no reason given" : reason;
}

/// \throws Error "cannot WHAT: why" unless `done`
inline void openssl_check(bool done, const char* what) {
  if (!done) throw Error(std::string{"cannot "} + what + ": " + openssl_reason());
}

/// A key and the certificate for it.
struct Identity {
  OpensslKey key;
  OpensslCertificate certificate;
};

/// What one certificate says.
struct CertificateText {
  std::string common_name;
  std::string basic_constraints;
  std::string key_usage;
  std::string extended_key_usage{};
  std::string alternative_names{};
  std::chrono::days valid{};
};

/// An address as "IP:...", anything else as "DNS:...", as OpenSSL writes alternative names.
/// \throws InvalidArgument if it is neither: it must not smuggle more names in
[[nodiscard]] inline std::string alternative_name(const std::string& host) {
  in6_addr address;
  if (::inet_pton(AF_INET, host.c_str(), &address) == 1 || ::inet_pton(AF_INET6, host.c_str(), &address) == 1)
    return "IP:" + host;
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '*' || c == '_';
  };
  bool good = !host.empty() && host.size() <= 253;
  for (const char c : host) good = good && allowed(c);
  if (!good) throw InvalidArgument("host", quoted(host), "must be a host's name or address");
  return "DNS:" + host;
}

inline void add_extension(X509& certificate, X509& issuer, int kind, const std::string& value) {
  if (value.empty()) return;
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  const OpensslExtension extension{X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
  openssl_check(extension && X509_add_ext(&certificate, extension.get(), -1) == 1, "describe a certificate");
}

inline void set_random_serial(X509& certificate) {
  std::array<unsigned char, 16> random;
  openssl_check(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1, "number a certificate");
  random[0] &= 0x7F;  // serial numbers are positive
  const std::unique_ptr<BIGNUM, OpensslFree<BN_free>> number{
      BN_bin2bn(random.data(), static_cast<int>(random.size()), nullptr)};
  openssl_check(number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)) != nullptr,
                "number a certificate");
}

/// A new key and a certificate for it, signed by `issuer`, or by itself without one.
[[nodiscard]] inline Identity make_identity(const CertificateText& text, const Identity* issuer) {
  Identity made{OpensslKey{EVP_EC_gen("P-256")}, OpensslCertificate{X509_new()}};
  openssl_check(made.key && made.certificate, "make a key");
  X509& certificate = *made.certificate;
  X509& authority = issuer ? *issuer->certificate : certificate;
  openssl_check(X509_set_version(&certificate, 2) == 1, "make a certificate");  // 2 is version 3
  set_random_serial(certificate);
  constexpr long an_hour = 3600;  // clocks of other machines may be behind
  openssl_check(X509_gmtime_adj(X509_getm_notBefore(&certificate), -an_hour) != nullptr &&
                    X509_time_adj_ex(X509_getm_notAfter(&certificate), static_cast<int>(text.valid.count()), 0,
                                     nullptr) != nullptr,
                "date a certificate");
  X509_NAME* subject = X509_get_subject_name(&certificate);
  const auto* name = reinterpret_cast<const unsigned char*>(text.common_name.c_str());
  openssl_check(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, -1, -1, 0) == 1 &&
                    X509_set_issuer_name(&certificate, X509_get_subject_name(&authority)) == 1 &&
                    X509_set_pubkey(&certificate, made.key.get()) == 1,
                "name a certificate");
  add_extension(certificate, authority, NID_basic_constraints, text.basic_constraints);
  add_extension(certificate, authority, NID_key_usage, text.key_usage);
  add_extension(certificate, authority, NID_ext_key_usage, text.extended_key_usage);
  add_extension(certificate, authority, NID_subject_alt_name, text.alternative_names);
  add_extension(certificate, authority, NID_subject_key_identifier, "hash");
  add_extension(certificate, authority, NID_authority_key_identifier, "keyid");
  EVP_PKEY* signing_key = issuer ? issuer->key.get() : made.key.get();
  openssl_check(X509_sign(&certificate, signing_key, EVP_sha256()) > 0, "sign a certificate");
  return made;
}

/// What `write` puts into a memory of OpenSSL's.
template <class Write>
[[nodiscard]] SecretBytes pem_text(const Write& write) {
  const OpensslBio memory{BIO_new(BIO_s_secmem())};
  openssl_check(memory && write(memory.get()) == 1, "encode a certificate");
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, text + size};
}

/// Writes both files, or neither. \throws Error if one is there already
inline void write_identity(const Identity& identity, const std::filesystem::path& certificate_file,
                           const std::filesystem::path& key_file) {
  const SecretBytes key = pem_text([&](BIO* bio) {
    return PEM_write_bio_PKCS8PrivateKey(bio, identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  const SecretBytes certificate =
      pem_text([&](BIO* bio) { return PEM_write_bio_X509(bio, identity.certificate.get()); });
  const auto create = [](const std::filesystem::path& file, const SecretBytes& text) {
    if (create_private(file, secret_view(text))) return;
    throw Error(file.string() + " is there already; remove it, or choose another folder");
  };
  create(key_file, key);
  try {
    create(certificate_file, certificate);
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(key_file, ignored);
    throw;
  }
}

[[nodiscard]] inline Identity read_identity(const std::filesystem::path& certificate_file,
                                            const std::filesystem::path& key_file) {
  constexpr std::size_t most = 1 << 16;
  const auto bio = [](const SecretBytes& text) {
    return OpensslBio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
  };
  const UniqueFd key_fd = open_private(key_file);
  if (!key_fd) throw_file_error("read", key_file, ENOENT);
  const SecretBytes key = read_secret(key_fd.get(), key_file, most);
  const UniqueFd certificate_fd{::open(certificate_file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!certificate_fd) throw_file_error("read", certificate_file, errno);
  const SecretBytes certificate = read_secret(certificate_fd.get(), certificate_file, most);
  Identity identity{OpensslKey{PEM_read_bio_PrivateKey(bio(key).get(), nullptr, nullptr, nullptr)},
                    OpensslCertificate{PEM_read_bio_X509(bio(certificate).get(), nullptr, nullptr, nullptr)}};
  if (!identity.key) throw Error(key_file.string() + " holds no key: " + openssl_reason());
  if (!identity.certificate) throw Error(certificate_file.string() + " holds no certificate: " + openssl_reason());
  if (X509_check_private_key(identity.certificate.get(), identity.key.get()) != 1)
    throw Error(key_file.string() + " is not the key of " + certificate_file.string());
  return identity;
}

}  // namespace detail

/// Makes "head.pem" and "head.key" for the head, "worker.pem" and "worker.key" for all workers, and the authority that
/// signs both, "ca.pem" and "ca.key". An authority that is in the folder already is used again, so that certificates
/// can be renewed: remove the two files of that side before.
///
/// Keys are of the curve P-256, in files of mode 0600. The head needs ca.pem and its two files, a worker ca.pem and its
/// two; ca.key stays where it is safe. The head is always known as localhost too.
/// \returns the files that were written
/// \throws InvalidArgument for a host that is none or a time out of range; Error if a file is there already or cannot
/// be written
inline std::vector<std::filesystem::path> make_certificates(const CertificateOptions& options) {
  using std::chrono::days;
  for (const auto& [name, valid] :
       {std::pair{"valid", options.valid}, std::pair{"authority_valid", options.authority_valid}}) {
    if (valid < days{1} || valid > days{3650})
      throw InvalidArgument(name, to_text(valid.count()) + " days", "must be from 1 to 3650 days");
  }
  std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
  for (const std::string& host : options.hosts) names += "," + detail::alternative_name(host);
  detail::make_private_folder(options.folder);

  std::vector<std::filesystem::path> written;
  const auto in_folder = [&](const std::string& name) { return options.folder / name; };
  const auto write = [&](const detail::Identity& identity, const std::string& side) {
    detail::write_identity(identity, in_folder(side + ".pem"), in_folder(side + ".key"));
    written.insert(written.end(), {in_folder(side + ".pem"), in_folder(side + ".key")});
  };
  std::optional<detail::Identity> authority;
  if (std::filesystem::exists(in_folder("ca.key"))) {
    authority = detail::read_identity(in_folder("ca.pem"), in_folder("ca.key"));
  } else {
    authority = detail::make_identity({.common_name = "hposearch authority",
                                       .basic_constraints = "critical,CA:TRUE,pathlen:0",
                                       .key_usage = "critical,keyCertSign,cRLSign",
                                       .valid = options.authority_valid},
                                      nullptr);
    write(*authority, "ca");
  }
  detail::CertificateText text{.common_name = "hposearch head",
                               .basic_constraints = "critical,CA:FALSE",
                               .key_usage = "critical,digitalSignature",
                               .extended_key_usage = "serverAuth",
                               .alternative_names = names,
                               .valid = options.valid};
  if (!std::filesystem::exists(in_folder("head.key"))) write(detail::make_identity(text, &*authority), "head");
  text.common_name = "hposearch worker";
  text.extended_key_usage = "clientAuth";
  text.alternative_names.clear();
  if (!std::filesystem::exists(in_folder("worker.key"))) write(detail::make_identity(text, &*authority), "worker");
  if (written.empty())
    throw Error(options.folder.string() + " holds certificates already; to renew a side, remove its .pem and .key");
  return written;
}

}  // namespace hposearch::inline v0
