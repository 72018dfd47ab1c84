// SPDX-License-Identifier: Apache-2.0
//
// `--tag`, `--rule` and `--severity`. Layer `decide`; pure.
#pragma once

#include "model/pattern.hpp"
#include "model/policy.hpp"

#include <optional>
#include <string>
#include <vector>

namespace permward {

struct RuleFilter {
  std::vector<std::string> tags;  // any of them; empty: every rule
  std::vector<Component> ids;     // any of them; empty: every rule
  std::optional<Severity> at_least;
};

// One per rule of the policy: enabled, and selected by all three. Which rules decide is another
// matter.
[[nodiscard]] std::vector<bool> select_rules(const Policy& policy, const RuleFilter& filter);

}  // namespace permward
