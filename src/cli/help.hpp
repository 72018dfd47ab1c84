// SPDX-License-Identifier: Apache-2.0
//
// `permward help [COMMAND]`. Layer `cli`.
#pragma once

#include "cli/commands.hpp"

#include <string>

namespace permward {

ExitStatus run_help(const Invocation& invocation);

// What it prints, of the program and of a command.
[[nodiscard]] std::string help_text();
[[nodiscard]] std::string help_text(const Command& command);

}  // namespace permward
