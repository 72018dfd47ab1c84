// SPDX-License-Identifier: Apache-2.0
//
// The system of a run: this host, or that of `--root`. Layer `cli`.
#pragma once

#include "base/result.hpp"
#include "cli/options.hpp"
#include "cli/usage.hpp"
#include "model/diagnostic.hpp"
#include "os/system.hpp"

#include <optional>

namespace permward {

struct SystemInput {
  System system;
  Diagnostics warnings;  // who else decides what it is, and what of its names could not be had
};

// Errors: `not_found` where there is no such directory, and those of `Root::open`.
[[nodiscard]] Result<SystemInput> open_system(const Options& options);

// What is wrong with the command line where `open_system` ended in this error, if that is it.
[[nodiscard]] std::optional<UsageError> root_mistake(const Error& error);

}  // namespace permward
