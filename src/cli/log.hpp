// SPDX-License-Identifier: Apache-2.0
//
// `permward log [RUN]`. Layer `cli`.
#pragma once

#include "cli/commands.hpp"

namespace permward {

ExitStatus run_log(const Invocation& invocation);

}  // namespace permward
