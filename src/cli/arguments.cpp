// SPDX-License-Identifier: Apache-2.0
#include "cli/arguments.hpp"

#include "base/text.hpp"
#include "cli/option_set.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

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

// The later one would take the earlier one's place.
std::optional<UsageError> two_reports_in_one_file(const Options& options) {
  std::vector<std::string_view> files = {options.main.file};
  for (const ReportTarget& report : options.reports) files.emplace_back(report.file);
  std::erase(files, "-");  // which takes them one behind the other
  std::sort(files.begin(), files.end());
  const auto twice = std::adjacent_find(files.begin(), files.end());
  if (twice == files.end()) return std::nullopt;
  return UsageError{"two reports would go to '" + printable(*twice) + "'",
                    "give each a file of its own"};
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
  return two_reports_in_one_file(invocation.options);
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
