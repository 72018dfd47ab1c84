// SPDX-License-Identifier: Apache-2.0
#include "cli/option_values.hpp"

#include "base/text.hpp"
#include "policy/pattern_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace permward {
namespace {

constexpr unsigned most_jobs = 1024;
constexpr std::array<std::string_view, 3> color_names = {"auto", "always", "never"};

std::string in_quotes(std::string_view text) { return "'" + printable(text) + "'"; }

// "no such format 'yaml'", and the nearest name, or all of them.
UsageError no_such(const std::string& what, const std::string& value,
                   std::span<const std::string_view> names) {
  UsageError out{"no such " + what + " " + in_quotes(value), ""};
  if (const std::string_view near = nearest(value, names); !near.empty()) {
    out.hint = "did you mean '" + std::string(near) + "'?";
    return out;
  }
  out.hint = "one of:";
  for (const std::string_view name : names) out.hint.append(" ").append(name);
  return out;
}

}  // namespace

Mistake read_policy_name(Options& options, const std::string& value) {
  if (value.empty()) return UsageError{"the name of a policy is empty", ""};
  options.policies.push_back(value);
  return std::nullopt;
}

Mistake read_root(Options& options, const std::string& value) {
  if (value.empty()) return UsageError{"the name of the root is empty", ""};
  options.root = value;
  return std::nullopt;
}

Mistake read_format(Options& options, const std::string& value) {
  const auto format = format_named(value);
  if (!format) return no_such("format", value, format_names);
  options.main.format = *format;
  return std::nullopt;
}

Mistake read_output(Options& options, const std::string& value) {
  if (value.empty()) return UsageError{"the name of the output is empty", ""};
  options.main.file = value;
  return std::nullopt;
}

Mistake read_report(Options& options, const std::string& value) {
  const std::size_t colon = value.find(':');
  if (colon == value.npos || colon + 1 == value.size()) {
    return UsageError{"the report " + in_quotes(value) + " is not of the form FMT:FILE",
                      "for example --report json:/var/log/permward.json"};
  }
  const std::string name = value.substr(0, colon);
  const auto format = format_named(name);
  if (!format) return no_such("format", name, format_names);
  options.reports.push_back({*format, value.substr(colon + 1)});
  return std::nullopt;
}

Mistake read_tag(Options& options, const std::string& value) {
  options.tags.push_back(value);
  return std::nullopt;
}

Mistake read_rule(Options& options, const std::string& value) {
  auto glob = parse_name_glob(value);
  if (!glob) {
    return UsageError{"the glob " + in_quotes(value) + " cannot be read: " + glob.error().message,
                      glob.error().help};
  }
  options.rules.push_back(std::move(*glob));
  return std::nullopt;
}

Mistake read_severity(Options& options, const std::string& value) {
  const auto severity = severity_named(value);
  if (!severity) return no_such("severity", value, severity_names);
  options.severity = std::min(*severity, options.severity.value_or(*severity));
  return std::nullopt;
}

Mistake read_jobs(Options& options, const std::string& value) {
  unsigned jobs = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), jobs);
  const bool whole = error == std::errc{} && end == value.data() + value.size();
  if (!whole || jobs == 0 || jobs > most_jobs) {
    return UsageError{in_quotes(value) + " is no number of threads",
                      "1 to " + std::to_string(most_jobs)};
  }
  options.jobs = jobs;
  return std::nullopt;
}

Mistake read_state_dir(Options& options, const std::string& value) {
  if (value.empty()) return UsageError{"the name of the state directory is empty", ""};
  options.state_dir = value;
  return std::nullopt;
}

Mistake read_config(Options& options, const std::string& value) {
  if (value.empty()) return UsageError{"the name of the settings file is empty", ""};
  options.config = value;
  return std::nullopt;
}

Mistake read_max_changes(Options& options, const std::string& value) {
  std::uint64_t most = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), most);
  if (error != std::errc{} || end != value.data() + value.size()) {
    return UsageError{in_quotes(value) + " is no number of objects", "0 or more"};
  }
  options.max_changes = most;
  return std::nullopt;
}

Mistake read_from(Options& options, const std::string& value) {
  if (value.empty()) {
    return UsageError{"what --from names is empty", "the ID of a snapshot, a FILE, or '-'"};
  }
  options.from = value;
  return std::nullopt;
}

Mistake read_to(Options& options, const std::string& value) {
  if (value.empty()) return UsageError{"the directory of --to is empty", ""};
  options.to = value;
  return std::nullopt;
}

Mistake read_path_of_history(Options& options, const std::string& value) {
  if (value.empty()) return UsageError{"the path of --path is empty", ""};
  options.of_path = value;
  return std::nullopt;
}

Mistake read_color(Options& options, const std::string& value) {
  const auto* const at = std::find(color_names.begin(), color_names.end(), value);
  if (at == color_names.end()) return no_such("color", value, color_names);
  options.color = static_cast<ColorWhen>(at - color_names.begin());
  return std::nullopt;
}

}  // namespace permward
