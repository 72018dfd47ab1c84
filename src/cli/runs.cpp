// SPDX-License-Identifier: Apache-2.0
#include "cli/runs.hpp"

#include "base/text.hpp"
#include "cli/messages.hpp"
#include "cli/observing_process.hpp"
#include "cli/paths.hpp"
#include "cli/settings_input.hpp"
#include "cli/source_lines.hpp"
#include "cli/version.hpp"
#include "os/host.hpp"

#include <spdlog/spdlog.h>

#include <iterator>
#include <utility>

namespace permward {

RunReport begin_report(const Invocation& invocation, const Policy& policy) {
  RunReport out;
  out.command = invocation.command->name;
  out.version = version_text();
  out.hostname = host_name().value_or("");
  out.started = std::chrono::system_clock::now();
  out.policy = &policy;
  return out;
}

std::chrono::year_month_day today() {
  return std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
}

std::optional<UsageError> path_mistake(const Invocation& invocation) {
  for (const std::string& word : invocation.words) {
    if (word.empty()) return UsageError{"a PATH is empty", ""};
    if (invocation.options.root && !word.starts_with('/')) {
      return UsageError{
          "the PATH '" + printable(word) + "' is relative",
          "under --root a PATH begins at the root: '" + printable(absolute_path(word, "/")) + "'"};
    }
  }
  return std::nullopt;
}

ExitStatus on_system(const Outputs& outputs, const Options& options,
                     const std::function<ExitStatus(const SystemInput&)>& run_on,
                     const std::function<ExitStatus(const Error&)>& give_up,
                     const std::atomic<bool>* stop) {
  if (const auto& file = outputs.taken_twice()) {
    return refuse_usage(
        {"two reports would go to '" + printable(*file) + "'", "give each a file of its own"});
  }
  if (outputs.error()) return give_up(*outputs.error());
  const auto found = open_system(options, stop);
  if (found) return run_on(*found);
  if (const auto mistake = root_mistake(found.error())) return refuse_usage(*mistake);
  return give_up(found.error());
}

void take_policy(const PolicyInput& input, const Options& options, RunReport& report) {
  report.rules = enabled_rules(input.policy);
  report.warnings = input.diagnostics;
  if (!options.quiet) show(report.warnings, options);
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now() - report.started);
  spdlog::debug("{} rules of {} policy files, {} ms", report.rules, input.policy.files.size(),
                elapsed.count());
}

void take_shortfalls(const Shortfalls& shortfalls, const Options& options, RunReport& report) {
  Diagnostics warnings = shortfall_warnings(shortfalls);
  if (!options.quiet) show(warnings, options);
  std::move(warnings.begin(), warnings.end(), std::back_inserter(report.warnings));
}

std::optional<ExitStatus> refuse_missing_settings(const Invocation& invocation, Outputs& outputs) {
  const Diagnostics missing = missing_settings(invocation.options);
  if (missing.empty()) return std::nullopt;
  show(missing, invocation.options);
  return outputs.write_errors(std::string(invocation.command->name), missing,
                              ExitStatus::bad_policy);
}

ExitStatus refuse_policy(Diagnostics diagnostics, const PolicyInput& input,
                         const Invocation& invocation, Outputs& outputs) {
  add_source_lines(diagnostics, input.files);
  show(diagnostics, invocation.options);
  return outputs.write_errors(std::string(invocation.command->name), diagnostics,
                              ExitStatus::bad_policy);
}

}  // namespace permward
