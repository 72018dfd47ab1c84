// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.hpp"

#include "base/text.hpp"
#include "cli/option_set.hpp"

#include <optional>
#include <utility>

namespace permward {
namespace {

// `--help` and `--version`, where they were given; `about` is the command that help is wanted of.
bool take_asides(Invocation& invocation, const Command* about) {
  const Options& options = invocation.options;
  if (!options.help && !options.version) return false;
  invocation.command = find_command(options.help ? "help" : "version");
  invocation.words.clear();
  if (options.help && about != nullptr) invocation.words.emplace_back(about->name);
  return true;
}

std::optional<UsageError> read_own(Invocation& invocation, std::vector<std::string> arguments) {
  const Command& command = *invocation.command;
  OptionSet set(invocation.options);
  if (command.add_options != nullptr) command.add_options(set, invocation.options);
  OptionSet::Rest rest = set.read(std::move(arguments), OptionSet::Words::anywhere);
  if (take_asides(invocation, &command)) return std::nullopt;
  if (rest.error) return rest.error;
  if (rest.words.size() > command.most_words) {
    return UsageError{"'" + printable(rest.words[command.most_words]) + "' is one word too many",
                      "`permward help " + std::string(command.name) + "` shows what it takes"};
  }
  invocation.words = std::move(rest.words);
  return std::nullopt;
}

}  // namespace

std::variant<Invocation, UsageError> read_arguments(const std::vector<std::string>& arguments) {
  Invocation invocation;
  OptionSet before(invocation.options);
  OptionSet::Rest rest = before.read(arguments, OptionSet::Words::end_options);
  if (rest.words.empty() && take_asides(invocation, nullptr)) return invocation;
  if (rest.error) return *rest.error;
  if (rest.words.empty()) {
    return UsageError{"a command is missing", "`permward help` lists the commands"};
  }
  const std::string& name = rest.words.front();
  invocation.command = find_command(name);
  if (invocation.command == nullptr) return unknown_command(name);
  if (invocation.command->run == nullptr) return not_yet(*invocation.command);
  if (auto error = read_own(invocation, {rest.words.begin() + 1, rest.words.end()})) return *error;
  return invocation;
}

}  // namespace permward
