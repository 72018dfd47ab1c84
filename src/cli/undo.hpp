// SPDX-License-Identifier: Apache-2.0
//
// `permward undo`: takes back what a run changed. Layer `cli`.
#pragma once

#include "cli/commands.hpp"

namespace permward {

void add_undo_options(OptionSet& set, Options& options);
[[nodiscard]] ExitStatus run_undo(const Invocation& invocation);

}  // namespace permward
