// SPDX-License-Identifier: Apache-2.0
// The programs that this one is beside the bench, when it runs itself: what does the least.
#pragma once

#include <optional>

namespace permward::bench {

// The exit status, if the arguments name one of them. Throws what they throw.
std::optional<int> run_inner(int argc, char** argv);

}  // namespace permward::bench
