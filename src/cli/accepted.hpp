// SPDX-License-Identifier: Apache-2.0
//
// What was accepted, from the state directory, for commands that compare with it. Layer `cli`.
#pragma once

#include "cli/options.hpp"
#include "model/baseline.hpp"
#include "model/policy.hpp"
#include "os/system.hpp"

namespace permward {

// Of the newest accepted generation; nothing where the policy pins nothing. Where there is one that
// cannot be read, that is said on stderr, and nothing can be verified with what is returned.
[[nodiscard]] Baseline read_baseline(const Options& options, const System& system,
                                     const Policy& policy);

}  // namespace permward
