/// \file
/// The secret that the head and the workers of a cluster share.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <openssl/crypto.h>
#include <pwd.h>
#include <unistd.h>

#include <hposearch/cluster/private_file.hpp>
#include <hposearch/error.hpp>
#include <hposearch/executor/posix.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

/// A secret that proves head and workers to each other. Shows nothing of itself when it is printed, and is overwritten
/// before its memory is given back.
///
/// It is a text, whose bytes are the key: those made here are 32 random bytes in hexadecimal digits.
class Token {
 public:
  static constexpr std::size_t least_bytes = 32;
  static constexpr std::size_t most_bytes = 1024;

  /// \param text blanks and line ends around it do not belong to it
  /// \param where it came from, for errors
  /// \throws Error if it is too short, too long, or holds what is not printable; the error does not show it
  explicit Token(std::string_view text, std::string_view where = "the token");

  /// A new one. \throws Error if the system has no random bytes
  [[nodiscard]] static Token random() { return Token{detail::secret_view(detail::random_digits(least_bytes))}; }

  /// The key. What is made of it must be wiped by whoever makes it.
  [[nodiscard]] std::span<const unsigned char> bytes() const noexcept { return bytes_; }

  /// In a time that does not depend on the bytes.
  friend bool operator==(const Token& a, const Token& b) noexcept {
    return a.bytes_.size() == b.bytes_.size() && CRYPTO_memcmp(a.bytes_.data(), b.bytes_.data(), a.bytes_.size()) == 0;
  }
  friend std::ostream& operator<<(std::ostream& out, const Token&) { return out << "<token>"; }
  friend std::string to_text(const Token&) { return "<token>"; }

 private:
  detail::SecretBytes bytes_;
};

/// Where a token comes from.
struct TokenOptions {
  /// The file; if none is given: HPOSEARCH_TOKEN holds the token itself, or HPOSEARCH_TOKEN_FILE names a file, or it is
  /// default_token_file().
  std::optional<std::filesystem::path> file{};
  bool make = true;  ///< write a new one where the file does not exist yet
};

/// $XDG_CONFIG_HOME/hposearch/token, or ~/.config/hposearch/token.
/// \throws Error if there is no home
[[nodiscard]] inline std::filesystem::path default_token_file() {
  const auto folder = [](const char* variable) -> std::filesystem::path {
    const char* value = std::getenv(variable);
    return value != nullptr && value[0] == '/' ? value : "";  // a relative one is to be ignored, says XDG
  };
  std::filesystem::path config = folder("XDG_CONFIG_HOME");
  if (config.empty()) {
    std::filesystem::path home = folder("HOME");
    const passwd* user = home.empty() ? ::getpwuid(::geteuid()) : nullptr;
    if (user != nullptr) home = user->pw_dir;
    if (home.empty()) throw Error("no home folder to keep the cluster's token in; set HPOSEARCH_TOKEN_FILE");
    config = home / ".config";
  }
  return config / "hposearch" / "token";
}

namespace detail {

/// \throws Error if the file is no token, or others may read it
[[nodiscard]] inline std::optional<Token> read_token(const std::filesystem::path& file) {
  const UniqueFd fd = open_private(file);
  if (!fd) return std::nullopt;
  return Token{secret_view(read_secret(fd.get(), file, 2 * Token::most_bytes)), file.string()};
}

}  // namespace detail

/// The token that this user's programs share. Several processes that make it at once get the same.
/// \throws Error if there is none and none is to be made, it cannot be read or written, or others may read it; it says
/// what to do and shows nothing of the token
[[nodiscard]] inline Token shared_token(const TokenOptions& options = {}) {
  const auto variable = [](const char* name) -> std::string_view {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  std::filesystem::path file;
  if (options.file) {
    file = *options.file;
  } else if (const auto text = variable("HPOSEARCH_TOKEN"); !text.empty()) {
    return Token{text, "HPOSEARCH_TOKEN"};
  } else if (const auto name = variable("HPOSEARCH_TOKEN_FILE"); !name.empty()) {
    file = name;
  } else {
    file = default_token_file();
  }
  if (auto token = detail::read_token(file)) return *std::move(token);
  if (!options.make)
    throw Error("no token in " + file.string() + "; copy the file of the head there, readable for you alone");
  detail::make_private_folder(file.parent_path());
  detail::SecretBytes text = detail::random_digits(Token::least_bytes);
  text.push_back('\n');
  static_cast<void>(detail::create_private(file, detail::secret_view(text)));
  if (auto token = detail::read_token(file)) return *std::move(token);
  throw Error("the token in " + file.string() + " vanished while it was made");
}

inline Token::Token(std::string_view text, std::string_view where) {
  constexpr std::string_view around = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(around);
  text = begin == std::string_view::npos ? std::string_view{}
                                         : text.substr(begin, text.find_last_not_of(around) - begin + 1);
  if (text.size() < least_bytes || text.size() > most_bytes) {
    throw Error(std::string{where} + " is " + to_text(text.size()) + " characters long; it must be " +
                to_text(least_bytes) + " to " + to_text(most_bytes));
  }
  for (const char c : text)
    if (c <= ' ' || c > '~') throw Error(std::string{where} + " holds what is not a printable ASCII character");
  bytes_.assign(text.begin(), text.end());
}

}  // namespace hposearch::inline v0
