// SPDX-License-Identifier: Apache-2.0
//
// The table of commands: one row and one file each. Layer `cli`.
#pragma once

#include "cli/exit_status.hpp"
#include "cli/options.hpp"
#include "cli/usage.hpp"
#include "os/privilege.hpp"

#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace permward {

class CommandRunner;
class OptionSet;
struct Command;

// One call of the program.
struct Invocation {
  const Command* command = nullptr;  // never null once the arguments are read
  Options options;
  std::vector<std::string>
      words;  // what is neither an option nor the command, at most `most_words`
  std::shared_ptr<CommandRunner> runner;  // of a command that begins with rights to change; or null
};

inline constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();

struct Command {
  std::string_view name;
  std::string_view help;   // one line
  std::string_view words;  // as in "permward check [OPTIONS] [PATH...]"; may be empty
  std::size_t most_words = 0;
  Rights rights = Rights::none;                                     // all that it begins with
  void (*add_options)(OptionSet& set, Options& options) = nullptr;  // null: has none of its own
  ExitStatus (*run)(const Invocation& invocation) = nullptr;        // null: not in this version
  std::string_view examples;  // lines for `--help`, each with a line end; may be empty
};

// In the order of the manual.
[[nodiscard]] std::span<const Command> commands();

// Null where there is none of that name.
[[nodiscard]] const Command* find_command(std::string_view name);

// What is said to a word that is no command: what does it where the word is one that people guess,
// else the nearest command.
[[nodiscard]] UsageError unknown_command(const std::string& word);

[[nodiscard]] UsageError not_yet(const Command& command);

}  // namespace permward
