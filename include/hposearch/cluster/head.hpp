/// \file
/// A head on the network.
#pragma once

#ifdef __CUDACC__
#error "hposearch: network headers do not go through nvcc; include them in a .cpp file and keep only the kernels in .cu"
#endif

#include <hposearch/cluster/head_state.hpp>
#include <hposearch/cluster/host_class.hpp>
#include <hposearch/cluster/host_connections.hpp>
#include <hposearch/cluster/host_network.hpp>

namespace hposearch::inline v0::cluster {

using Head = Host<HeadState>;

}  // namespace hposearch::inline v0::cluster
