// SPDX-License-Identifier: Apache-2.0
//
// What check and apply have in common: resolve, walk, compare, one after the other, as the pipeline
// has it. Layer `engine`.
#pragma once

#include "decide/machine.hpp"
#include "engine/check.hpp"
#include "model/mount.hpp"
#include "os/safe_open.hpp"
#include "os/system.hpp"

#include <functional>

namespace permward {

// What a walk went by, for whoever goes on from what it found.
struct Ground {
  const Policy& policy;
  const System& system;
  const Mounts& mounts;
  SafeOpen& safe_open;
  const Machine& machine;
  // What the run is restricted to, after links; empty: nothing.
  std::vector<std::vector<std::string>> scope{};
};

// Is handed what the walk found, in no order, and apart from it what the walk did not meet
// (`engine/gone.hpp`): no look at the objects that were found brings that up again. Not called
// where nothing was looked at.
using AfterSweep =
    std::function<void(const Ground& ground, CheckOutcome& found, std::vector<Finding>& gone)>;

// As `check`, and then `then`, if there is one, before the findings are sorted. In a thread apart.
[[nodiscard]] Result<CheckOutcome> survey(const Policy& policy, const System& system,
                                          const CheckOptions& options, const AfterSweep& then);

}  // namespace permward
