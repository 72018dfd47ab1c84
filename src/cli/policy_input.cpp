// SPDX-License-Identifier: Apache-2.0
#include "cli/policy_input.hpp"

#include "base/text.hpp"
#include "cli/distrust_text.hpp"
#include "cli/source_lines.hpp"
#include "decide/conflict.hpp"
#include "model/codes.hpp"
#include "os/policy_files.hpp"
#include "policy/check_accounts.hpp"
#include "policy/load.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <unistd.h>
#include <utility>

namespace permward {
namespace {

PolicyFiles find_files(const Options& options, const Root& root) {
  const std::uint32_t caller = ::getuid();
  if (!options.policies.empty()) return read_named_policies(options.policies, caller);
  return read_policy_directories(root.get(), {policy_search_path.begin(), policy_search_path.end()},
                                 caller);
}

Diagnostics distrust_of(const PolicyFiles& files, const Options& options, const System& system) {
  if (options.allow_untrusted_policy) return {};
  NoNames numbers;
  // Of the host, under a root: its names are not asked for, and the root's are about others.
  const bool foreign = system.root.given() && !options.policies.empty();
  return distrust_warnings(files.distrust, Decides::policy, foreign ? numbers : *system.names);
}

Diagnostic no_policy_error(const Options& options, const Root& root) {
  std::string where;
  if (options.policies.empty()) {
    for (const std::string_view directory : policy_search_path) {
      where.append(where.empty() ? " in " : ", ").append(directory);
    }
    if (root.given()) where += " of the root " + printable(root.path());
  }
  return make_diagnostic(Code::no_policy, "there is no policy" + where,
                         "put one, `*.toml`, into " + std::string(policy_search_path.back()) +
                             ", or name one with --policy");
}

// An account that nobody has is a warning, so that a policy can be checked on any machine. Names
// are listed only to suggest one.
void look_up_accounts(Policy& policy, NameService& names, Diagnostics& diagnostics) {
  look_up(policy.accounts, names);
  const auto near = [&](AccountKind kind) {
    const auto unknown = [kind](const Account& account) {
      return account.kind == kind && account.state == Account::State::unknown;
    };
    const bool any = std::any_of(policy.accounts.begin(), policy.accounts.end(), unknown);
    return any ? names.names(kind) : std::vector<std::string>();
  };
  check_accounts(policy, near(AccountKind::user), near(AccountKind::group), diagnostics);
}

PolicyInput load_policy(const Options& options, const SystemInput& input, bool lint) {
  PolicyInput out;
  PolicyFiles found = find_files(options, input.system.root);
  append(out.diagnostics, input.warnings);
  append(out.diagnostics, distrust_of(found, options, input.system));
  append(out.diagnostics, std::move(found.mistakes));
  for (PolicyFiles::File& file : found.files) {
    spdlog::debug("policy file {}, {} bytes", printable(file.name), file.text.size());
    out.files.push_back({std::move(file.name), std::move(file.text)});
  }
  LoadOptions asked;
  asked.lint = lint;
  asked.users = [&input](UserSource source) { return input.system.names->users(source); };
  Loaded loaded = load(out.files, asked);
  append(out.diagnostics, std::move(loaded.diagnostics));
  out.policy = std::move(loaded.policy);
  return out;
}

// That there is none, or that it has no rule, is said where there is no mistake in it.
PolicyInput load_usable_policy(const Options& options, const SystemInput& input) {
  PolicyInput out = load_policy(options, input, false);
  if (has_errors(out.diagnostics)) return out;

  if (out.files.empty()) {
    out.diagnostics.push_back(no_policy_error(options, input.system.root));
  } else if (enabled_rules(out.policy) == 0) {
    out.diagnostics.push_back(
        make_diagnostic(Code::no_rule, "the policy has no rule that is enabled",
                        "nothing would be looked at, and that is not compliance"));
  } else {
    look_up_accounts(out.policy, *input.system.names, out.diagnostics);
    add_source_lines(out.diagnostics, out.files);
  }
  return out;
}

void refuse_distrust(Diagnostics& diagnostics) {
  for (Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.code != row(Code::untrusted_policy).text) continue;
    diagnostic.severity = Diagnostic::Severity::error;
  }
}

void take_settings(PolicyInput& out, SettingsInput settings) {
  append(out.diagnostics, std::exchange(settings.diagnostics, {}));
  out.settings = std::move(settings);
}

}  // namespace

std::uint64_t enabled_rules(const Policy& policy) {
  return count_rules(policy, [](const Rule& rule) { return !rule.disabled; });
}

PolicyInput read_policy(const Options& options, const SystemInput& input) {
  PolicyInput out = load_usable_policy(options, input);
  append(out.diagnostics, missing_settings(options));
  return out;
}

PolicyInput read_trusted_policy(const Options& options, const SystemInput& input) {
  PolicyInput out = load_usable_policy(options, input);
  take_settings(out, read_settings(options, input));
  refuse_distrust(out.diagnostics);
  return out;
}

PolicyInput read_policy_or_none(const Options& options, const SystemInput& input) {
  PolicyInput out = load_usable_policy(options, input);
  refuse_distrust(out.diagnostics);
  if (has_errors(out.diagnostics)) {
    for (Diagnostic& one : out.diagnostics) one.severity = Diagnostic::Severity::warning;
    out.diagnostics.push_back(make_diagnostic(Code::policy_not_used, "the policies are not used",
                                              "nobody is trusted with a directory"));
    out.policy = Policy{};
    out.policy.unknown = true;
  }
  take_settings(out, read_settings_or_defaults(options, input));
  return out;
}

PolicyInput read_policy_to_validate(const Options& options, const SystemInput& input) {
  PolicyInput out = load_policy(options, input, true);
  const bool loaded = !has_errors(out.diagnostics);
  if (loaded && out.files.empty()) {
    out.diagnostics.push_back(no_policy_error(options, input.system.root));
  }
  look_up_accounts(out.policy, *input.system.names, out.diagnostics);
  if (loaded) append(out.diagnostics, conflicts_as_written(out.policy));
  add_source_lines(out.diagnostics, out.files);
  take_settings(out, read_settings(options, input));
  return out;
}

}  // namespace permward
