// SPDX-License-Identifier: Apache-2.0
//
// What every run does to its own process before anything else. Layer `cli`.
#pragma once

#include "cli/exit_status.hpp"

namespace permward {

// Descriptors 0 to 2 that are closed are opened, so that no file of the tree can take their
// numbers; what is written to them fails, for a report to nowhere is not a success. umask 077, and
// no core dumps: what a run has read is not for others. SIGCHLD is as at the start of any process,
// so that a child can be waited for. What ends the process where nothing may be thrown is told, and
// is a run that was not completed. Ends the process where it cannot be done.
void prepare_process();

// Ends a process that was forked off, without what belongs to the one that it came from: nothing
// that is registered for the end of a process is done twice.
[[noreturn]] void end_process(ExitStatus status);

}  // namespace permward
