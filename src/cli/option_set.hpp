// SPDX-License-Identifier: Apache-2.0
//
// The options of a command: how they are read, and what `--help` says of them. Layer `cli`; the
// place where CLI11 is known. It reads options and their values; words that are none are for
// `arguments.cpp`, since CLI11 reads a path such as `[a,b]` as two.
#pragma once

#include "cli/options.hpp"
#include "cli/usage.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace permward {

class OptionSet {
 public:
  // The options of every command; a command adds its own. What is read goes to `options`.
  explicit OptionSet(Options& options);
  ~OptionSet();
  OptionSet(const OptionSet&) = delete;
  OptionSet& operator=(const OptionSet&) = delete;

  // `names` as CLI11 has them: "-q,--quiet". `help` is one line.
  void add_flag(const std::string& names, bool& flag, const std::string& help);
  // `value`: what stands for it in the help.
  void add_option(const std::string& names, const std::string& value,
                  std::optional<UsageError> (*take)(Options& options, const std::string& value),
                  const std::string& help);

  enum class Words : unsigned char {
    anywhere,     // all arguments are looked at for options
    end_options,  // the first word and all that follows it are left over
  };
  struct Rest {
    std::vector<std::string> words;
    std::optional<UsageError> error;
  };
  // Reads the options among `arguments`. Of a value that is given twice the last counts, of what
  // may be repeated all. Call once.
  [[nodiscard]] Rest read(std::vector<std::string> arguments, Words words);

  // A line an option, for `--help`: those of every command, or those that were added.
  [[nodiscard]] std::string common_help() const;
  [[nodiscard]] std::string own_help() const;

 private:
  using Take = std::optional<UsageError> (*)(Options& options, const std::string& value);

  void add_common();
  void add_value(const std::string& names, const std::string& value, Take take,
                 const std::string& help);
  void add_values(const std::string& names, const std::string& value, Take take,
                  const std::string& help);
  void keep(std::optional<UsageError> error);
  [[nodiscard]] UsageError unknown_option(const std::string& argument) const;
  [[nodiscard]] UsageError unreadable(const std::string& last, const char* reason) const;
  [[nodiscard]] std::string help_of_group(std::string_view group) const;

  Options& options_;
  std::unique_ptr<CLI::App> app_;
  std::string group_;  // of options that are added now
  std::optional<UsageError> error_;
};

}  // namespace permward
