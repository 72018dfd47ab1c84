// SPDX-License-Identifier: Apache-2.0
// Running other programs, for tests.
#pragma once

#include <string>
#include <vector>

namespace permward::test {

// Runs a program found in PATH, without a shell. Returns its standard output. An exit status other
// than 0 is an exception that shows what it said.
std::string run_program(const std::vector<std::string>& command);

}  // namespace permward::test
