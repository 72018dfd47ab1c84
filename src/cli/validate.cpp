// SPDX-License-Identifier: Apache-2.0
#include "cli/validate.hpp"

#include "cli/messages.hpp"
#include "cli/option_set.hpp"
#include "cli/outputs.hpp"
#include "cli/policy_input.hpp"
#include "cli/runs.hpp"
#include "cli/selection.hpp"
#include "cli/system_input.hpp"
#include "cli/version.hpp"

#include <optional>
#include <utility>
#include <variant>

namespace permward {
namespace {

void make_errors(Diagnostics& diagnostics) {
  for (Diagnostic& diagnostic : diagnostics) diagnostic.severity = Diagnostic::Severity::error;
}

void take_input(Validation& validation, PolicyInput input) {
  validation.rules = enabled_rules(input.policy);
  validation.disabled = count_rules(input.policy, [](const Rule& rule) { return rule.disabled; });
  validation.files = std::move(input.policy.files);
  if (input.settings.file) validation.files.push_back(std::move(*input.settings.file));
  validation.diagnostics = std::move(input.diagnostics);
}

// A filter changes nothing about what is valid, but one that selects nothing is a mistake.
std::optional<UsageError> filter_mistake(const Options& options, const Policy& policy) {
  if (!filtered(options)) return std::nullopt;
  auto selected = selected_rules(options, policy);
  auto* mistake = std::get_if<UsageError>(&selected);
  return mistake == nullptr ? std::nullopt : std::optional(std::move(*mistake));
}

}  // namespace

void add_validate_options(OptionSet& set, Options& options) {
  set.add_flag("--strict", options.strict, "warnings are errors");
}

ExitStatus run_validate(const Invocation& invocation) {
  const Options& options = invocation.options;
  Outputs outputs(options);
  Validation validation;
  validation.command = invocation.command->name;
  validation.version = version_text();
  const auto give_up = [&](const Error& error) {
    complain(error);
    validation.error = error;
    return outputs.write(validation, ExitStatus::incomplete);
  };
  const auto run_on = [&](const SystemInput& found) {
    PolicyInput input = read_policy_to_validate(options, found);
    if (options.strict) make_errors(input.diagnostics);
    if (!has_errors(input.diagnostics)) {
      if (const auto mistake = filter_mistake(options, input.policy)) return refuse_usage(*mistake);
    }
    take_input(validation, std::move(input));
    if (!options.quiet || !validation.valid()) show(validation.diagnostics, options);
    return outputs.write(validation,
                         validation.valid() ? ExitStatus::in_policy : ExitStatus::bad_policy);
  };
  return on_system(outputs, options, run_on, give_up);
}

}  // namespace permward
