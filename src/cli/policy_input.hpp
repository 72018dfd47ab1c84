// SPDX-License-Identifier: Apache-2.0
//
// The policy of a run: found, read, loaded, and its names looked up; and its settings. Layer `cli`.
#pragma once

#include "cli/options.hpp"
#include "cli/settings_input.hpp"
#include "cli/system_input.hpp"
#include "model/diagnostic.hpp"
#include "model/policy.hpp"
#include "policy/load.hpp"

#include <cstdint>

namespace permward {

struct PolicyInput {
  std::vector<SourceFile> files;  // for the lines of what is found later
  Policy policy;                  // of use where `diagnostics` has no error
  Diagnostics diagnostics;        // errors and warnings, in the order of the files
  SettingsInput settings;         // of a command that uses some; its diagnostics are the last above
};

// Reads what `--policy` names on the host, or the search path of the system, and looks its names up
// there. The system's warnings come first. That there is no rule, or none that is enabled, is an
// error here: nothing would be looked at. Of the settings only that they are there, where
// `--config` names them.
[[nodiscard]] PolicyInput read_policy(const Options& options, const SystemInput& input);

// The same for what changes something, with the settings: others who could replace either are an
// error, unless that is accepted.
[[nodiscard]] PolicyInput read_trusted_policy(const Options& options, const SystemInput& input);

// The same for what has to go on whatever they are: where they have mistakes, or others decide, no
// rule holds, a default takes the place of each setting, and warnings say so. Only settings that
// were named and are not there are an error.
[[nodiscard]] PolicyInput read_policy_or_none(const Options& options, const SystemInput& input);

// The same for `validate`: a policy without a rule is fine, what is only advice is said too, and of
// two rules that cannot hold together what the texts alone show. The settings are read.
[[nodiscard]] PolicyInput read_policy_to_validate(const Options& options, const SystemInput& input);

[[nodiscard]] std::uint64_t enabled_rules(const Policy& policy);

}  // namespace permward
