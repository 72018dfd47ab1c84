// SPDX-License-Identifier: Apache-2.0
//
// Which evidence is dropped where there is too much of it. Layer `store`; pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace permward {

struct EvidenceLimits {
  std::uint64_t per_path = 5;
  std::uint64_t bytes = 0;  // of all archives together
};

struct EvidenceGeneration {
  std::string id;
  std::uint64_t bytes = 0;
  std::vector<std::string> paths;
  bool of_others = false;  // nothing in it was root's
};

struct EvidenceToDrop {
  std::vector<std::string> ids;  // the oldest first
  bool fits = true;              // what stays does; else it has no room whatever is dropped
};

// `all`: the oldest first; the last, which is the one that was just made, stays. So do the oldest
// and the newest of each path, so that whoever changes a file again and again pushes out neither
// what was there first nor what was there last; of the others go those that are too many of each of
// their paths, and then, for room, the oldest of what others owned and the oldest of root's. Where
// all that is not enough, the oldest of what others owned goes before there is no room for what
// root did: they could fill it by many files. For what others own nothing of root's goes.
[[nodiscard]] EvidenceToDrop evidence_to_drop(const std::vector<EvidenceGeneration>& all,
                                              const EvidenceLimits& limits);

}  // namespace permward
