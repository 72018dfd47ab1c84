// SPDX-License-Identifier: Apache-2.0
// Running a program and measuring it.
#pragma once

#include "bench/measure.hpp"

#include <optional>
#include <string>
#include <vector>

namespace permward::bench {

struct Command {
  std::vector<std::string> words;   // the program, found by PATH, and its arguments
  std::vector<int> statuses = {0};  // with which it may exit
  std::string output = {};          // a file for its standard output; empty: `log`, as the errors
};

// Runs it to its end and measures it, with all processes that it has waited for; the memory is that
// of the largest of them. Throws std::runtime_error with what is in `log` when it exits otherwise,
// and what `check_stopped` throws after a signal, which is passed on to the program.
Ran run(const Command& command, const std::string& log);

// `bench run WORDS`: what `run` itself runs, so that the program is the child of a small process:
// execve(2) counts the memory that its process had before as the program's own, and this program's
// is as large as what it has in hand. Returns the exit status.
int run_for_another(char** words);

// This program again, as `inner.hpp` has it.
[[nodiscard]] Command inner_command(std::vector<std::string> words);

// Where PATH has the program, if anywhere.
[[nodiscard]] std::optional<std::string> find_program(const std::string& name);

}  // namespace permward::bench
