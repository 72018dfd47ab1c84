// SPDX-License-Identifier: Apache-2.0
//
// `permward check [PATH...]`. Layer `cli`.
#pragma once

#include "cli/commands.hpp"

namespace permward {

class OptionSet;

void add_check_options(OptionSet& set, Options& options);

ExitStatus run_check(const Invocation& invocation);

}  // namespace permward
