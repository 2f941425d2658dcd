/// \file
/// Where a head is: "tcp://host:port", or "tls://host:port" where connections are encrypted.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include <hposearch/error.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

struct HeadAddress {
  bool tls = false;
  std::string host = "127.0.0.1";  ///< a name or an address; of IPv6 without brackets
  std::uint16_t port = 8786;

  friend bool operator==(const HeadAddress&, const HeadAddress&) = default;
};

/// "tcp://127.0.0.1:8786"
[[nodiscard]] inline std::string to_text(const HeadAddress& address) {
  const bool bare = address.host.find(':') == std::string::npos;
  return (address.tls ? "tls://" : "tcp://") + (bare ? address.host : '[' + address.host + ']') + ':' +
         to_text(address.port);
}

/// Reads an address as it is written; "tcp://" may be left out. \throws InvalidArgument
[[nodiscard]] inline HeadAddress parse_head_address(std::string_view text) {
  const auto refuse = [&](const char* rule) { return InvalidArgument("head", quoted(text), rule); };
  HeadAddress address;
  std::string_view rest = text;
  if (const std::size_t end = rest.find("://"); end != std::string_view::npos) {
    const std::string_view scheme = rest.substr(0, end);
    if (scheme != "tcp" && scheme != "tls") throw refuse("must begin with tcp:// or tls://");
    address.tls = scheme == "tls";
    rest.remove_prefix(end + 3);
  }
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos) throw refuse("must end with a port, as in tcp://head:8786");
  const std::string_view port = rest.substr(colon + 1);
  const auto read = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (read.ec != std::errc{} || read.ptr != port.data() + port.size() || address.port == 0)
    throw refuse("must end with a port from 1 to 65535");
  std::string_view host = rest.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host.empty()) throw refuse("must have a host");
  address.host = host;
  return address;
}

}  // namespace hposearch::inline v0
