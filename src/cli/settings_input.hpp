// SPDX-License-Identifier: Apache-2.0
//
// The settings of a run: found, read and judged. Layer `cli`.
#pragma once

#include "cli/options.hpp"
#include "cli/system_input.hpp"
#include "model/diagnostic.hpp"
#include "model/policy.hpp"
#include "model/settings.hpp"

#include <optional>

namespace permward {

struct SettingsInput {
  Settings settings;               // the defaults where `diagnostics` has an error
  std::optional<PolicyFile> file;  // that was read
  Diagnostics diagnostics;         // errors and warnings
};

// Reads what `--config` names on the host, or the settings file of the system, which need not be
// there. That others decide what is in it is a warning, unless that is accepted.
[[nodiscard]] SettingsInput read_settings(const Options& options, const SystemInput& input);

// The same for what has to go on whatever the settings are: mistakes are warnings, and where there
// is one, or others decide, the defaults hold and a warning says so. Only a file that was named and
// is not there stays an error.
[[nodiscard]] SettingsInput read_settings_or_defaults(const Options& options,
                                                      const SystemInput& input);

// For what uses no settings: an error where `--config` names what is not there.
[[nodiscard]] Diagnostics missing_settings(const Options& options);

}  // namespace permward
