// SPDX-License-Identifier: Apache-2.0
// One check of the machine as it is, by a policy given as text.
#pragma once

#include "engine/check.hpp"
#include "model/policy.hpp"
#include "os/name_service.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace permward::test {

// The policy that the text says, `schema = 1` put before it, names looked up. A mistake in it is an
// exception that shows it.
Policy policy_of(std::string_view toml);
Policy policy_of(std::string_view toml, NameService& names);

struct Checked {
  Policy policy;
  CheckOutcome outcome;

  // One line a finding: `PATH ASPECT STATUS`, in the report's order. Bytes are as they are.
  [[nodiscard]] std::vector<std::string> lines() const;
  // The messages, in the same order.
  [[nodiscard]] std::vector<std::string> messages() const;
  // No finding and nothing that was not seen: what the exit status 0 says.
  [[nodiscard]] bool in_policy() const;
};

// An error of the check, and rules that contradict each other, are exceptions.
Checked check_text(std::string_view toml, const CheckOptions& options = {});
Checked check_policy(Policy policy, const CheckOptions& options = {});
// The same of the system in a directory, by its own names.
Checked check_below(const std::string& root, std::string_view toml,
                    const CheckOptions& options = {});

// The text as a basic string of TOML, in which a backslash is one in a pattern too.
std::string quoted(std::string_view text);

}  // namespace permward::test
