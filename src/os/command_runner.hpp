// SPDX-License-Identifier: Apache-2.0
//
// Runs programs that a policy names, in a process apart that has the rights which this one had when
// it was made. Layer `os`.
#pragma once

#include "base/result.hpp"
#include "os/answering_process.hpp"

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace permward {

class CommandRunner {
 public:
  // How a program ended, and the beginning of what it said on stdout and stderr.
  struct Ended {
    int status = 0;  // of exit(3); 128 and its number where a signal ended it
    bool timed_out = false;
    std::string output;  // any bytes, at most `most_output`
  };
  static constexpr std::size_t most_output = 4096;

  // While the process has all its rights, and one thread. Errors: `io`, where no process can be
  // made.
  [[nodiscard]] static Result<CommandRunner> start();

  // Runs the program `arguments[0]`, which is looked for where root's programs are, with nothing of
  // this environment, without a shell and with nothing to read, and waits for its end; what is left
  // of its session after `within` is killed, and of what it has begun nothing is waited for. No
  // argument has a NUL. Errors: those of `AnsweringProcess::ask`, after which nothing is run any
  // more (ECANCELED); of execve(2).
  [[nodiscard]] Result<Ended> run(const std::vector<std::string>& arguments,
                                  std::chrono::seconds within, const std::atomic<bool>* stop);

 private:
  explicit CommandRunner(AnsweringProcess process) : process_(std::move(process)) {}

  std::optional<AnsweringProcess> process_;  // none: it was asked in vain
};

}  // namespace permward
