// SPDX-License-Identifier: Apache-2.0
//
// What every run does to its own process before anything else. Layer `cli`.
#pragma once

namespace permward {

// Descriptors 0 to 2 that are closed are opened, so that no file of the tree can take their
// numbers; what is written to them fails, for a report to nowhere is not a success. umask 077, and
// no core dumps: what a run has read is not for others. Ends the process where it cannot be done.
void prepare_process();

}  // namespace permward
