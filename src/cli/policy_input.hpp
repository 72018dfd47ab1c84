// SPDX-License-Identifier: Apache-2.0
//
// The policy of a run: found, read, loaded, and its names looked up. Layer `cli`.
#pragma once

#include "cli/options.hpp"
#include "model/diagnostic.hpp"
#include "model/policy.hpp"
#include "os/name_service.hpp"

#include <cstdint>
#include <string_view>

namespace permward {

struct PolicyInput {
  Policy policy;            // of use where `diagnostics` has no error
  Diagnostics diagnostics;  // errors and warnings, in the order of the files
};

// The codes that are neither of a file nor of what is in it.
inline constexpr std::string_view no_policy = "E0004";
inline constexpr std::string_view no_rule = "E0005";

// Reads what `--policy` names, or the search path. That there is no rule, or none that is enabled,
// is an error here: nothing would be looked at.
[[nodiscard]] PolicyInput read_policy(const Options& options, NameService& names);

[[nodiscard]] std::uint64_t enabled_rules(const Policy& policy);

}  // namespace permward
