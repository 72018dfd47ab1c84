// SPDX-License-Identifier: Apache-2.0
//
// What a run stands on that goes by states which somebody wrote down, and not by a walk: where the
// policy's rules are, and what earlier runs would not arm. Layer `engine`.
#pragma once

#include "base/result.hpp"
#include "engine/apply.hpp"
#include "engine/survey.hpp"
#include "model/policy.hpp"
#include "os/system.hpp"

#include <functional>

namespace permward {

using OnGround = std::function<ApplyOutcome(const Ground& ground, const Hands& knowing)>;

// Runs `act` in a thread that has a working directory of its own; `knowing` are `hands` with the
// refusals in their journal. Errors: `io` where the root directory or /proc/self/mountinfo cannot
// be read, or a thread cannot be started; those of the journal.
[[nodiscard]] Result<ApplyOutcome> on_ground(const Policy& policy, const System& system,
                                             const Hands& hands, const OnGround& act);

}  // namespace permward
