// SPDX-License-Identifier: Apache-2.0
//
// `permward apply [PATH...]`. Layer `cli`.
#pragma once

#include "cli/commands.hpp"

namespace permward {

class OptionSet;

void add_apply_options(OptionSet& set, Options& options);

ExitStatus run_apply(const Invocation& invocation);

}  // namespace permward
