/// \file
/// Encrypted connections between head and workers, each proving itself to the other by a certificate.
#pragma once

#ifdef __CUDACC__
#error "hposearch: network headers do not go through nvcc; include them in a .cpp file and keep only the kernels in .cu"
#endif

#include <cerrno>
#include <filesystem>
#include <string>

#include <arpa/inet.h>
#include <boost/asio/ssl/context.hpp>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <hposearch/cluster/certificates.hpp>
#include <hposearch/cluster/private_file.hpp>
#include <hposearch/error.hpp>
#include <hposearch/executor/posix.hpp>

namespace hposearch::inline v0::detail {

enum class TlsSide { head, worker };

/// \throws Error if the certificate is not valid today
inline void check_dates(const X509& certificate, const std::filesystem::path& file) {
  if (X509_cmp_current_time(X509_get0_notAfter(&certificate)) < 0)
    throw Error("the certificate in " + file.string() + " has expired; make a new one: hposearch certs");
  if (X509_cmp_current_time(X509_get0_notBefore(&certificate)) > 0)
    throw Error("the certificate in " + file.string() + " is not valid yet; is this machine's clock right?");
}

/// TLS 1.3 with certificates of both sides, both checked against the authority of `files`.
/// \throws Error if a file is missing, is not what it should be, can be read by others (keys), or has expired
[[nodiscard]] inline boost::asio::ssl::context make_tls_context(TlsSide side, const TlsFiles& files) {
  namespace ssl = boost::asio::ssl;
  const Identity identity = read_identity(files.certificate, files.key);
  check_dates(*identity.certificate, files.certificate);
  ssl::context context{side == TlsSide::head ? ssl::context::tlsv13_server : ssl::context::tlsv13_client};
  SSL_CTX* native = context.native_handle();
  openssl_check(SSL_CTX_use_certificate(native, identity.certificate.get()) == 1 &&
                    SSL_CTX_use_PrivateKey(native, identity.key.get()) == 1,
                "use a certificate");
  if (SSL_CTX_load_verify_locations(native, files.authority.c_str(), nullptr) != 1)
    throw Error(files.authority.string() + " holds no authority's certificate: " + openssl_reason());
  context.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  SSL_CTX_set_num_tickets(native, 0);  // nobody resumes sessions, and a peer that only sends would never read them
  return context;
}

/// To be called on a worker's stream before its handshake: the head's certificate must be for `host`, a name or an
/// address.
inline void expect_host(SSL& stream, const std::string& host) {
  in6_addr address;
  const bool is_address =
      ::inet_pton(AF_INET, host.c_str(), &address) == 1 || ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
  if (is_address) {
    openssl_check(X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(&stream), host.c_str()) == 1, "expect an address");
  } else {
    openssl_check(SSL_set1_host(&stream, host.c_str()) == 1 && SSL_set_tlsext_host_name(&stream, host.c_str()) == 1,
                  "expect a host");
  }
}

/// Why the peer's certificate was refused; empty if it was not.
[[nodiscard]] inline std::string refusal_text(SSL& stream) {
  const long result = SSL_get_verify_result(&stream);
  if (result == X509_V_OK) return {};
  if (result == X509_V_ERR_HOSTNAME_MISMATCH || result == X509_V_ERR_IP_ADDRESS_MISMATCH)
    return "the head's certificate is not for the name or address that it was looked for at; hposearch certs --host "
           "makes one for it";
  return std::string{"the certificate of the other side was refused: "} + X509_verify_cert_error_string(result);
}

}  // namespace hposearch::inline v0::detail
