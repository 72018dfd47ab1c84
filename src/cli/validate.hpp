// SPDX-License-Identifier: Apache-2.0
//
// `permward validate`. Layer `cli`.
#pragma once

#include "cli/commands.hpp"

namespace permward {

class OptionSet;

void add_validate_options(OptionSet& set, Options& options);

// Looks at the policies and at the accounts that they name, and at no path that they speak of.
ExitStatus run_validate(const Invocation& invocation);

}  // namespace permward
