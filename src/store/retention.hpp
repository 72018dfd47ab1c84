// SPDX-License-Identifier: Apache-2.0
//
// Which generations are kept, and which are pruned. Layer `store`; pure.
#pragma once

#include "model/snapshot.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace permward {

// How many of each kind. A day, a week (from Monday) and a month are those of UTC, and of each the
// newest generation counts; those without one do not.
struct KeptGenerations {
  std::uint64_t last = 0;
  std::uint64_t daily = 0;
  std::uint64_t weekly = 0;
  std::uint64_t monthly = 0;
};

struct DatedGeneration {
  std::string id;
  SnapshotKind kind = SnapshotKind::accepted;
  std::int64_t time = 0;  // seconds since 1970
};

// The ids of those that nothing keeps, in their order. `all`: the oldest first. Only accepted ones
// are counted and pruned, and of these never the newest.
[[nodiscard]] std::vector<std::string> to_prune(std::span<const DatedGeneration> all,
                                                const KeptGenerations& keep);

}  // namespace permward
