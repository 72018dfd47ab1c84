// SPDX-License-Identifier: Apache-2.0
//
// In which order the objects of a generation are put back. Layer `engine`.
#pragma once

#include "engine/destination.hpp"
#include "engine/restore.hpp"
#include "engine/survey.hpp"

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

namespace permward {

// A directory that is missing is made closed, and opened once all that lies in it is there: what
// others may do in it they may not do before. One that keeps its names from being changed, and is
// not to, is kept from that before anything is done in it.
struct RestoreStep {
  enum class What : std::uint8_t { lifts, makes, opens, brings };

  std::size_t object = 0;  // into the objects
  What what = What::brings;
};

struct RestoreOrder {
  std::vector<RestoreStep> steps;
  std::set<std::size_t> directories;  // whose times are to be set in the end
};

// What bars changes comes off; what is missing is made, what lies above first; then what is there
// is brought to what it was, what lies below first. A rehearsal opens nothing.
[[nodiscard]] RestoreOrder in_order(const Ground& ground, const ToRestore& objects,
                                    const Destination& destination, bool rehearses);

}  // namespace permward
