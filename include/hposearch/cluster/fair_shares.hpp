/// \file
/// How a scheduler's slots are shared among its programs.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <vector>

namespace hposearch::inline v0::cluster {

/// Slots by the fingerprint of their workers' space. Those without one suit every program.
using SlotsBySpace = std::map<std::optional<std::uint64_t>, std::size_t>;

/// What decides a program's share.
struct ShareWish {
  static constexpr std::size_t everything = std::numeric_limits<std::size_t>::max();
  std::optional<std::uint64_t> space{};  ///< fingerprint; none: any slot will do
  std::size_t wants = everything;        ///< slots that it can use
};

namespace detail {

// The pool that a program takes from next: what only few can use goes first.
[[nodiscard]] inline SlotsBySpace::iterator next_pool(SlotsBySpace& pools, const std::optional<std::uint64_t>& space) {
  const auto own = pools.find(space);
  if (own != pools.end() && own->second > 0) return own;
  if (space) {
    const auto common = pools.find(std::nullopt);
    return common != pools.end() && common->second > 0 ? common : pools.end();
  }
  const auto largest = std::ranges::max_element(pools, {}, [](const auto& pool) { return pool.second; });
  return largest != pools.end() && largest->second > 0 ? largest : pools.end();
}

}  // namespace detail

/// Equal shares of the slots that suit each program. What a program does not want, or cannot use, is shared equally by
/// the others; what nobody wants is shared equally by all. Of what is left over, the first have one more.
[[nodiscard]] inline std::vector<std::size_t> fair_shares(SlotsBySpace pools, const std::vector<ShareWish>& programs) {
  std::vector<std::size_t> shares(programs.size());
  // All take the same, a little at a time, as long as there is something for them.
  const auto share_out = [&](const auto& most) {
    for (bool more = true; more;) {
      std::size_t smallest = ShareWish::everything, eager = 0;
      for (std::size_t i = 0; i < programs.size(); ++i) {
        if (shares[i] >= most(i)) continue;
        const auto pool = detail::next_pool(pools, programs[i].space);
        if (pool == pools.end()) continue;
        ++eager;
        smallest = std::min({smallest, pool->second, most(i) - shares[i]});
      }
      more = eager > 0;
      const std::size_t step = more ? std::max<std::size_t>(1, smallest / eager) : 0;
      for (std::size_t i = 0; more && i < programs.size(); ++i) {
        const auto pool = detail::next_pool(pools, programs[i].space);
        if (shares[i] >= most(i) || pool == pools.end()) continue;
        const std::size_t taken = std::min({step, pool->second, most(i) - shares[i]});
        shares[i] += taken;
        pool->second -= taken;
      }
    }
  };
  share_out([&](std::size_t i) { return programs[i].wants; });
  share_out([](std::size_t) { return ShareWish::everything; });
  return shares;
}

}  // namespace hposearch::inline v0::cluster
