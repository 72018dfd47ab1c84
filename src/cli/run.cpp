// SPDX-License-Identifier: Apache-2.0
#include "cli/run.hpp"

#include "cli/arguments.hpp"
#include "cli/debug_log.hpp"
#include "cli/environment.hpp"
#include "cli/messages.hpp"
#include "cli/process.hpp"
#include "cli/signals.hpp"
#include "cli/version.hpp"
#include "os/command_runner.hpp"
#include "os/privilege.hpp"

#include <spdlog/spdlog.h>

#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace permward {
namespace {

ExitStatus run_command(const std::vector<std::string>& arguments) {
  auto read = read_arguments(arguments);
  if (const auto* mistake = std::get_if<UsageError>(&read)) return refuse_usage(*mistake);
  auto& invocation = std::get<Invocation>(read);
  start_debug_log(invocation.options.verbose ? DebugLog::on : DebugLog::off);
  spdlog::debug("permward {}, command {}", version_text(), invocation.command->name);
  if (invocation.command->rights == Rights::starts_changing) {
    // While there are all the rights, which are what such a program is to have.
    auto runner = CommandRunner::start();
    if (!runner.ok()) {
      complain(runner.error());
      return ExitStatus::incomplete;
    }
    invocation.runner = std::make_shared<CommandRunner>(std::move(*runner));
  }
  if (const auto kept = keep_rights(invocation.command->rights); !kept.ok()) {
    complain("could not " + kept.error().doing + ' ' + kept.error().subject);
    return ExitStatus::incomplete;
  }
  return invocation.command->run(invocation);
}

}  // namespace

int run(int argc, char** argv) {
  prepare_process();
  ExitStatus status = ExitStatus::incomplete;
  try {
    take_environment();
    status = run_command({argv + (argc > 0 ? 1 : 0), argv + argc});
  } catch (const std::exception& error) {  // of the libraries, and of the allocator
    complain_of_end(error);
  }
  die_of_signal();
  return static_cast<int>(status);
}

}  // namespace permward
