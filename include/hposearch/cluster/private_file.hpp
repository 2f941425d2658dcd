/// \file
/// Files that hold secrets: only their owner may read them, and they appear whole or not at all.
#pragma once

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hposearch/cluster/random_bytes.hpp>
#include <hposearch/error.hpp>
#include <hposearch/executor/posix.hpp>
#include <hposearch/text.hpp>

namespace hposearch::inline v0::detail {

/// Overwrites memory before it is given back.
template <class T, class Inner = std::allocator<T>>
struct WipingAllocator {
  using value_type = T;
  WipingAllocator() = default;
  template <class U, class OtherInner>
  explicit WipingAllocator(const WipingAllocator<U, OtherInner>&) noexcept {}
  [[nodiscard]] T* allocate(std::size_t n) { return Inner{}.allocate(n); }
  void deallocate(T* memory, std::size_t n) noexcept {
    OPENSSL_cleanse(memory, n * sizeof(T));
    Inner{}.deallocate(memory, n);
  }
  friend bool operator==(const WipingAllocator&, const WipingAllocator&) = default;
};

/// Bytes of a secret. No text: std::string keeps short ones inside itself.
using SecretBytes = std::vector<unsigned char, WipingAllocator<unsigned char>>;

[[nodiscard]] inline std::string_view secret_view(const SecretBytes& bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// \throws Error "cannot read FILE: No such file or directory"
[[noreturn]] inline void throw_file_error(const char* what, const std::filesystem::path& file, int error) {
  throw Error(std::string{"cannot "} + what + ' ' + file.string() + ": " + std::generic_category().message(error));
}

/// Random bytes from the system, as hexadecimal digits.
/// \throws Error if the system has none
[[nodiscard]] inline SecretBytes random_digits(std::size_t bytes) {
  constexpr std::string_view hex = "0123456789abcdef";
  SecretBytes random(bytes), digits;
  cluster::fill_with_random(random);
  digits.reserve(2 * bytes);
  for (const unsigned byte : random) {
    digits.push_back(static_cast<unsigned char>(hex[byte / 16]));
    digits.push_back(static_cast<unsigned char>(hex[byte % 16]));
  }
  return digits;
}

/// Makes a folder, and those above it that are missing, for this user alone.
/// \throws Error if that cannot be
inline void make_private_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (folder.empty() || std::filesystem::exists(folder, error)) return;
  make_private_folder(folder.parent_path());
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) throw_file_error("make", folder, errno);
}

/// Octal, as chmod takes it.
[[nodiscard]] inline std::string mode_text(mode_t mode) {
  std::string text = "0";
  for (int shift = 6; shift >= 0; shift -= 3) text += static_cast<char>('0' + ((mode >> shift) & 7U));
  return text;
}

/// Checks an open file that is to hold a secret.
/// \throws Error with the remedy unless it is a plain file that belongs to this user or root and that nobody else may
/// use
inline void check_private(int fd, const std::filesystem::path& file) {
  struct stat about {};
  if (::fstat(fd, &about) != 0) throw_file_error("read", file, errno);
  if (!S_ISREG(about.st_mode)) throw Error(file.string() + " is not a plain file");
  if (about.st_uid != ::geteuid() && about.st_uid != 0)
    throw Error(file.string() + " holds a secret but belongs to another user; make a copy of your own");
  if ((about.st_mode & 077U) != 0) {
    throw Error(file.string() + " holds a secret, and others may use it (mode " + mode_text(about.st_mode) +
                "); this repairs it: chmod 600 '" + file.string() + "'");
  }
}

/// Opens a file that holds a secret. \returns none if there is no such file
/// \throws Error if it cannot be read, or others may
[[nodiscard]] inline UniqueFd open_private(const std::filesystem::path& file) {
  // Without O_NONBLOCK, a named pipe would be waited for.
  UniqueFd fd{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!fd && (errno == ENOENT || errno == ENOTDIR)) return fd;
  if (!fd) throw_file_error("read", file, errno);
  check_private(fd.get(), file);
  return fd;
}

/// All that an open file holds.
/// \throws Error if it cannot be read, or is longer than `most`
[[nodiscard]] inline SecretBytes read_secret(int fd, const std::filesystem::path& file, std::size_t most) {
  SecretBytes text(most + 1);
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = retry_interrupted([&] { return ::read(fd, text.data() + size, text.size() - size); });
    if (count < 0) throw_file_error("read", file, errno);
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > most) throw Error(file.string() + " is too long to be what it should be");
  text.resize(size);
  return text;
}

/// Writes a new file of mode 0600. It has all of `text` as soon as it is there under its name.
/// \returns false if there is one of that name already, which is left as it is
/// \throws Error if it cannot be written
[[nodiscard]] inline bool create_private(const std::filesystem::path& file, std::string_view text) {
  std::filesystem::path draft = file;
  draft += "." + std::string(secret_view(random_digits(8)));
  const UniqueFd fd{::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
  if (!fd) throw_file_error("write", file, errno);
  int error = 0;
  while (error == 0 && !text.empty()) {
    const ssize_t count = retry_interrupted([&] { return ::write(fd.get(), text.data(), text.size()); });
    if (count < 0) error = errno;
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
  }
  if (error == 0 && ::fsync(fd.get()) != 0) error = errno;
  // Unlike rename, link does not replace what another process has put there meanwhile.
  if (error == 0 && ::link(draft.c_str(), file.c_str()) != 0) error = errno;
  ::unlink(draft.c_str());
  if (error != 0 && error != EEXIST) throw_file_error("write", file, error);
  return error == 0;
}

}  // namespace hposearch::inline v0::detail
