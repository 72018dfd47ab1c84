// SPDX-License-Identifier: Apache-2.0
//
// The program. Layer `cli`.
#pragma once

namespace permward {

// What main() does: prepares the process, reads the arguments, runs the command. Returns the exit
// status, or ends the process by the signal that ended the run.
int run(int argc, char** argv);

}  // namespace permward
