// SPDX-License-Identifier: Apache-2.0
//
// `permward explain PATH...`. Layer `cli`.
#pragma once

#include "cli/commands.hpp"

namespace permward {

ExitStatus run_explain(const Invocation& invocation);

}  // namespace permward
