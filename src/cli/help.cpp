// SPDX-License-Identifier: Apache-2.0
#include "cli/help.hpp"

#include "cli/option_set.hpp"
#include "cli/outputs.hpp"
#include "os/policy_files.hpp"

namespace permward {
namespace {

constexpr std::size_t help_column = 14;

constexpr std::string_view exit_statuses =
    "\nExit status: 0 in policy, valid or answered; 1 the run could not be completed; 2 something\n"
    "is out of policy, or could not be verified; 64 usage; 65 the policy is invalid or missing.\n";

}  // namespace

std::string help_text() {
  std::string out =
      "Checks access-control policy on critical files.\n\n"
      "Usage: permward [OPTIONS] COMMAND [OPTIONS] [PATH...]\n\n"
      "Commands:\n";
  for (const Command& command : commands()) {
    if (command.run == nullptr) continue;
    std::string line = "  " + std::string(command.name);
    line.resize(help_column, ' ');
    out.append(line).append(command.help).append("\n");
  }
  Options options;
  out += "\nOptions of every command:\n" + OptionSet(options).common_help();
  out += "\nPolicies are the *.toml files in these directories; of one name the last counts:\n";
  for (const std::string_view directory : policy_search_path) {
    out.append("  ").append(directory).append("\n");
  }
  return out.append(exit_statuses);
}

std::string help_text(const Command& command) {
  std::string out = "permward " + std::string(command.name) + ": " + std::string(command.help) +
                    "\n\nUsage: permward [OPTIONS] " + std::string(command.name) + " [OPTIONS]";
  if (!command.words.empty()) out.append(" ").append(command.words);
  out += '\n';
  Options options;
  OptionSet set(options);
  if (command.add_options != nullptr) {
    command.add_options(set, options);
    out += "\nOptions of this command:\n" + set.own_help();
  }
  out += "\nOptions of every command:\n" + set.common_help();
  if (!command.examples.empty()) out.append("\nExamples:\n").append(command.examples);
  return out;
}

ExitStatus run_help(const Invocation& invocation) {
  if (invocation.words.empty()) return print_answer(help_text());
  const Command* command = find_command(invocation.words.front());
  if (command == nullptr) return refuse_usage(unknown_command(invocation.words.front()));
  if (command->run == nullptr) return refuse_usage(not_yet(*command));
  return print_answer(help_text(*command));
}

}  // namespace permward
