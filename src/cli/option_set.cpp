// SPDX-License-Identifier: Apache-2.0
#include "cli/option_set.hpp"

#include "base/text.hpp"
#include "cli/option_values.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace permward {
namespace {

const char* const common_group = "Options of every command";
const char* const own_group = "Options of this command";
constexpr std::size_t help_column = 32;

// The long ones. Every letter is near to every other.
std::vector<std::string> suggestible_names(const CLI::App& app) {
  std::vector<std::string> out;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) out.push_back("--" + name);
  }
  return out;
}

// "-f, --format FMT"
std::string synopsis(const CLI::Option& option) {
  std::string out;
  for (const std::string& name : option.get_snames()) out += "-" + name;
  for (const std::string& name : option.get_lnames()) {
    out += (out.empty() ? "    --" : ", --") + name;
  }
  if (option.get_type_name().empty()) return out;
  return out + " " + option.get_type_name();
}

}  // namespace

OptionSet::OptionSet(Options& options)
    : options_(options), app_(std::make_unique<CLI::App>()), group_(common_group) {
  app_->set_help_flag();  // ours, so that it is no exception
  app_->allow_extras();
  add_common();
  group_ = own_group;
}

OptionSet::~OptionSet() = default;

void OptionSet::keep(std::optional<UsageError> error) {
  if (!error_) error_ = std::move(error);
}

void OptionSet::add_flag(const std::string& names, bool& flag, const std::string& help) {
  app_->add_flag_callback(
          names, [&flag] { flag = true; }, help)
      ->group(group_)
      ->disable_flag_override();
}

void OptionSet::add_value(const std::string& names, const std::string& value, Take take,
                          const std::string& help) {
  app_->add_option_function<std::string>(
          names, [this, take](const std::string& given) { keep(take(options_, given)); }, help)
      ->group(group_)
      ->type_name(value)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

void OptionSet::add_values(const std::string& names, const std::string& value, Take take,
                           const std::string& help) {
  const auto read_each = [this, take](const std::vector<std::string>& given) {
    for (const std::string& one : given) keep(take(options_, one));
  };
  app_->add_option_function<std::vector<std::string>>(names, read_each, help)
      ->group(group_)
      ->type_name(value)
      ->allow_extra_args(false);
}

void OptionSet::add_option(const std::string& names, const std::string& value, Take take,
                           const std::string& help) {
  add_value(names, value, take, help);
}

void OptionSet::add_common() {
  add_values("-p,--policy", "FILE|DIR", read_policy_name,
             "read this policy, not those of the search path; repeatable");
  add_value("--root", "DIR", read_root,
            "the system in DIR: its paths, its policies, its own accounts");
  add_value("-f,--format", "FMT", read_format, "text (default), json or jsonl");
  add_value("-o,--output", "FILE", read_output, "the report goes to FILE, not to stdout");
  add_values("--report", "FMT:FILE", read_report, "write a further report; repeatable");
  add_values("--tag", "TAG", read_tag, "only rules with this tag; repeatable");
  add_values("--rule", "GLOB", read_rule, "only rules whose id matches; repeatable");
  add_values("--severity", "SEVERITY", read_severity,
             "only rules that are at least: info, low, medium, high, critical");
  add_value("-j,--jobs", "N", read_jobs, "threads; default: the CPUs this process may use");
  add_flag("--offline", options_.offline, "nobody else acts on this tree");
  add_flag("--allow-untrusted-policy", options_.allow_untrusted_policy,
           "accept a policy that others could replace");
  add_value("--color", "WHEN", read_color, "auto (default), always or never");
  add_flag("-q,--quiet", options_.quiet, "the verdict alone");
  add_flag("-v,--verbose", options_.verbose, "a debug log on stderr");
  add_flag("-h,--help", options_.help, "show this help");
  add_flag("--version", options_.version, "show the version");
  add_value("--state-dir", "DIR", read_state_dir, "where runs are remembered");
  add_value("--config", "FILE", read_config, "the settings; default: /etc/permward/permward.toml");
}

UsageError OptionSet::unknown_option(const std::string& argument) const {
  const std::string name = argument.substr(0, argument.find('='));
  const std::vector<std::string> known = suggestible_names(*app_);
  UsageError out{"unknown option '" + printable(argument) + "'", ""};
  if (!argument.starts_with("--")) return out;
  const std::string_view near = nearest(name, known);
  if (!near.empty()) out.hint = "did you mean '" + std::string(near) + "'?";
  return out;
}

// CLI11's own words but for the common case, a value that is missing at the end.
UsageError OptionSet::unreadable(const std::string& last, const char* reason) const {
  const CLI::Option* option = app_->get_option_no_throw(last);
  if (option == nullptr || option->get_type_name().empty()) return {printable(reason), ""};
  return {"the option '" + last + "' needs a value: " + option->get_type_name(), ""};
}

OptionSet::Rest OptionSet::read(std::vector<std::string> arguments, Words words) {
  Rest rest;
  if (words == Words::end_options) app_->prefix_command();
  const std::string last = arguments.empty() ? "" : arguments.back();
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes them
  try {
    app_->parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    rest.error = unreadable(last, error.what());
    return rest;
  }
  rest.error = error_;
  bool only_words = false;
  for (const std::string& argument : app_->remaining()) {
    if (argument == "--" && !only_words) {
      only_words = true;
      continue;
    }
    const bool option = !only_words && argument.size() > 1 && argument.starts_with('-');
    if (option && !rest.error) rest.error = unknown_option(argument);
    rest.words.push_back(argument);
    if (words == Words::end_options) only_words = true;
  }
  return rest;
}

std::string OptionSet::help_of_group(std::string_view group) const {
  std::string out;
  for (const CLI::Option* option : app_->get_options()) {
    if (option->get_group() != group) continue;
    std::string line = "  " + synopsis(*option);
    line.resize(std::max(line.size() + 2, help_column), ' ');
    out += line + option->get_description() + '\n';
  }
  return out;
}

std::string OptionSet::common_help() const { return help_of_group(common_group); }

std::string OptionSet::own_help() const { return help_of_group(own_group); }

}  // namespace permward
