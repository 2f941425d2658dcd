# shellcheck shell=bash
# To be sourced by scripts: what a Debian or Ubuntu machine needs to build hposearch.

# has_header FILE: whether the compiler's usual include folders, or CMAKE_PREFIX_PATH's, hold it.
has_header() {
  local folder prefixes=${CMAKE_PREFIX_PATH:-}
  for folder in /usr /usr/local ${prefixes//[:;]/ }; do
    if [ -e "$folder/include/$1" ]; then return 0; fi
  done
  return 1
}

# has_cmake: a cmake that knows this project's presets.
has_cmake() {
  local version
  version=$(cmake --version 2>/dev/null | sed -n 's/^cmake version //p')
  [ "$(printf '%s\n' 3.22 "$version" | sort -V | head -n 1)" = 3.22 ]
}

# has_package NAME: whether what the Debian package brings is there, from wherever it came.
has_package() {
  case $1 in
    cmake) has_cmake ;;
    g++) command -v "${CXX:-g++}" >/dev/null ;;
    ninja-build) command -v ninja >/dev/null ;;
    catch2) has_header catch2/catch.hpp || has_header catch2/catch_all.hpp ;;
    libcli11-dev) has_header CLI/CLI.hpp ;;
    libeigen3-dev) has_header eigen3/Eigen/Core ;;
    libfmt-dev) has_header fmt/format.h ;;
    libboost1.81-dev) has_header boost/asio.hpp ;;
    libcbor-dev) has_header cbor.h ;;
    libssl-dev) has_header openssl/ssl.h ;;
    python3-cbor2) python3 -c 'import cbor2' 2>/dev/null || /usr/bin/python3 -c 'import cbor2' 2>/dev/null ;;
    nlohmann-json3-dev) has_header nlohmann/json.hpp ;;
    *) dpkg-query -s "$1" >/dev/null 2>&1 ;;
  esac
}

# missing_packages NAME...: those of the packages that are not there.
missing_packages() {
  local name
  for name in "$@"; do
    has_package "$name" || printf '%s ' "$name"
  done
}

# install_missing NAME...: installs what is missing with apt where that needs no password, else says how and fails.
# HPOSEARCH_NO_INSTALL=1 keeps it from installing anything.
install_missing() {
  local missing apt
  missing=$(missing_packages "$@")
  if [ -z "$missing" ]; then return 0; fi

  apt=(env DEBIAN_FRONTEND=noninteractive apt-get)
  if [ "$(id -u)" -ne 0 ]; then apt=(sudo -n "${apt[@]}"); fi
  if [ -n "${HPOSEARCH_NO_INSTALL:-}" ] || ! command -v apt-get >/dev/null || ! "${apt[@]}" --version >/dev/null 2>&1; then
    printf 'Missing: %s\nOn Debian and Ubuntu this installs it:\n  sudo apt-get update && sudo apt-get install -y %s\n' \
      "$missing" "$missing" >&2
    return 1
  fi

  echo "Installing $missing"
  # Package lists are fetched only if those at hand do not do: new machines often have none.
  # shellcheck disable=SC2086  # one word for each package
  "${apt[@]}" install -y --no-install-recommends $missing </dev/null >/dev/null 2>&1 ||
    { "${apt[@]}" update </dev/null >/dev/null && "${apt[@]}" install -y --no-install-recommends $missing </dev/null >/dev/null; }

  missing=$(missing_packages "$@")
  if [ -n "$missing" ]; then
    echo "Still missing or too old: $missing(hposearch builds on Debian 12, Ubuntu 22.04 and newer)" >&2
    return 1
  fi
}
