// SPDX-License-Identifier: Apache-2.0
#include "support/checked.hpp"

#include "os/system.hpp"
#include "policy/load.hpp"

#include <array>
#include <stdexcept>
#include <utility>

namespace permward::test {

Policy policy_of(std::string_view toml, NameService& names) {
  const std::array files{SourceFile{"test.toml", "schema = 1\n" + std::string(toml)}};
  Loaded loaded = load(files);
  std::string mistakes;
  for (const Diagnostic& one : loaded.diagnostics) {
    if (one.severity != Diagnostic::Severity::error) continue;
    mistakes += std::to_string(one.line) + ": " + one.message + " (" + one.help + ")\n";
  }
  if (!mistakes.empty()) throw std::runtime_error(mistakes + files[0].text.substr(0, 1000));
  look_up(loaded.policy.accounts, names);
  return std::move(loaded.policy);
}

namespace {

template <class T>
T value_of(Result<T> result) {
  if (result.ok()) return std::move(*result);
  const Error& error = result.error();
  throw std::runtime_error("could not " + error.doing + ' ' + error.subject + ": errno " +
                           std::to_string(error.number));
}

Checked check_in(const System& system, Policy policy, const CheckOptions& options) {
  CheckOutcome outcome = value_of(check(policy, system, options));
  for (const Diagnostic& one : outcome.conflicts) throw std::runtime_error(one.message);
  return {std::move(policy), std::move(outcome)};
}

}  // namespace

Policy policy_of(std::string_view toml) {
  HostNames names;
  return policy_of(toml, names);
}

Checked check_policy(Policy policy, const CheckOptions& options) {
  return check_in(value_of(host_system()), std::move(policy), options);
}

Checked check_text(std::string_view toml, const CheckOptions& options) {
  return check_policy(policy_of(toml), options);
}

Checked check_below(const std::string& root, std::string_view toml, const CheckOptions& options) {
  const RootedSystem rooted = value_of(rooted_system(root, 0));
  return check_in(rooted.system, policy_of(toml, *rooted.system.names), options);
}

std::vector<std::string> Checked::lines() const {
  std::vector<std::string> out;
  for (const Finding& one : outcome.findings) {
    out.push_back(one.path.text() + ' ' + std::string(name(one.aspect)) + ' ' +
                  std::string(name(one.status)));
  }
  return out;
}

std::vector<std::string> Checked::messages() const {
  std::vector<std::string> out;
  for (const Finding& one : outcome.findings) out.push_back(one.message);
  return out;
}

bool Checked::in_policy() const {
  return !outcome.interrupted && outcome.uncovered.empty() && outcome.findings.empty();
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char byte : text) {
    if (byte == '"' || byte == '\\') out += '\\';
    out += byte;
  }
  return out + '"';
}

}  // namespace permward::test
