// SPDX-License-Identifier: Apache-2.0
//
// From the arguments of the program to what was asked. Layer `cli`; pure.
#pragma once

#include "cli/commands.hpp"
#include "cli/usage.hpp"

#include <string>
#include <variant>
#include <vector>

namespace permward {

// `arguments` are those after the program's name. The first word that is neither an option nor a
// value of one is the command; options of every command stand before or after it, a command's own
// after it.
// `--help` and `--version` are the commands of those names, whatever else is there, but for a
// command that does not exist.
[[nodiscard]] std::variant<Invocation, UsageError> read_arguments(
    const std::vector<std::string>& arguments);

}  // namespace permward
