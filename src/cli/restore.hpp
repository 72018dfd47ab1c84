// SPDX-License-Identifier: Apache-2.0
//
// `permward restore`: puts back what a snapshot has. Layer `cli`.
#pragma once

#include "cli/commands.hpp"

namespace permward {

void add_restore_options(OptionSet& set, Options& options);
[[nodiscard]] ExitStatus run_restore(const Invocation& invocation);

}  // namespace permward
