#!/usr/bin/env bash
# How fast is the cluster? Side by side in one run: plain messages over TCP as the limit, this library's cluster, and
# its peers Dask distributed and Ray; then how busy slots are, and what a thousand workers cost the head.
#
#   benchmarks/cluster.sh [WORKERS]     worker processes on this machine, by default 3
#
# The peers are installed into build/cluster_peers, in the versions of cluster/requirements.txt; HPOSEARCH_NO_INSTALL=1
# leaves them out where they are not there yet.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
here=$root/benchmarks/cluster
environment=$root/build/cluster_peers
. "$root/cmake/bootstrap.sh"
workers=${1:-3}

install_missing cmake g++ ninja-build libeigen3-dev libfmt-dev libboost1.81-dev libcbor-dev libssl-dev
(cd "$root" && cmake --preset benchmarks >/dev/null &&
  cmake --build --preset benchmarks --target cluster_ping_pong cluster_trials cluster_busy cluster_crowd >&2)
programs=$root/build/benchmarks/benchmarks/cluster

# prepare_peers: an environment with the peers, or a message why there is none.
prepare_peers() {
  if "$environment/bin/python" -c 'import distributed, ray' 2>/dev/null; then return 0; fi
  if [ -n "${HPOSEARCH_NO_INSTALL:-}" ]; then
    echo "The peers are left out: they are not installed, and HPOSEARCH_NO_INSTALL is set."
    return 1
  fi
  if ! { python3 -m venv "$environment" &&
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt"; } >&2; then
    echo "The peers are left out: they could not be installed (see above)."
    return 1
  fi
}
# peer NAME: one peer's rows.
peer() {
  PYTHONDONTWRITEBYTECODE=1 timeout 300 "$environment/bin/python" "$here/$1_peer.py" "$workers" 2>/dev/null ||
    echo "$1 did not finish"
}

echo "Trivial trials on $workers worker processes; round trips of one trial"
echo "(with minimize they include the wait for the slot: each has its next trial at hand)"
printf '%-28s %11s %12s %14s %12s\n' what outstanding 'per second' 'median, us' 'p99, us'
"$programs/cluster_ping_pong" "$workers"
"$programs/cluster_trials" "$workers"
if prepare_peers; then
  peer dask
  peer ray
fi
echo
"$programs/cluster_busy" "$workers"
echo
"$programs/cluster_crowd"
