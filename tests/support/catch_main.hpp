// SPDX-License-Identifier: Apache-2.0
// What the main() of every Catch2 program does.
#pragma once

namespace permward::test {

// Runs the test cases that the arguments select. The exit status: 0 all passed, 77 none failed and
// at least one was skipped, else not 0; that no case was selected is a failure. Flushes stdout.
int run_tests(int argc, char** argv);

// Whether the arguments only ask what test cases there are.
bool only_lists(int argc, char** argv);

}  // namespace permward::test
