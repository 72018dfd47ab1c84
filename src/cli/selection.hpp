// SPDX-License-Identifier: Apache-2.0
//
// What `--tag`, `--rule` and `--severity` select. Layer `cli`; pure.
#pragma once

#include "cli/options.hpp"
#include "cli/usage.hpp"
#include "model/policy.hpp"

#include <variant>
#include <vector>

namespace permward {

// Whether any of them is given.
[[nodiscard]] bool filtered(const Options& options);

// One a rule of the policy. That nothing is selected is a mistake, not compliance; it is told with
// the nearest tag or id to one that was asked for in vain.
[[nodiscard]] std::variant<std::vector<bool>, UsageError> selected_rules(const Options& options,
                                                                         const Policy& policy);

}  // namespace permward
