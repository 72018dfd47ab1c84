// SPDX-License-Identifier: Apache-2.0
// Ending early and cleanly, so that no tree is left behind.
#pragma once

namespace permward::bench {

// From now on SIGINT, SIGTERM and SIGHUP only make `check_stopped` throw; system calls that wait
// are interrupted by them.
void catch_signals();

// Throws std::runtime_error after such a signal.
void check_stopped();

}  // namespace permward::bench
