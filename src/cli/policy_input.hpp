// SPDX-License-Identifier: Apache-2.0
//
// The policy of a run: found, read, loaded, and its names looked up. Layer `cli`.
#pragma once

#include "cli/options.hpp"
#include "model/diagnostic.hpp"
#include "model/policy.hpp"
#include "os/name_service.hpp"
#include "policy/load.hpp"

#include <cstdint>

namespace permward {

struct PolicyInput {
  std::vector<SourceFile> files;  // for the lines of what is found later
  Policy policy;                  // of use where `diagnostics` has no error
  Diagnostics diagnostics;        // errors and warnings, in the order of the files
};

// Reads what `--policy` names, or the search path. That there is no rule, or none that is enabled,
// is an error here: nothing would be looked at.
[[nodiscard]] PolicyInput read_policy(const Options& options, NameService& names);

// The same for `validate`: a policy without a rule is fine, what is only advice is said too, and of
// two rules that cannot hold together what the texts alone show.
[[nodiscard]] PolicyInput read_policy_to_validate(const Options& options, NameService& names);

[[nodiscard]] std::uint64_t enabled_rules(const Policy& policy);

}  // namespace permward
