// SPDX-License-Identifier: Apache-2.0
#include "support/checked.hpp"

#include "os/name_service.hpp"
#include "policy/load.hpp"

#include <array>
#include <stdexcept>
#include <utility>

namespace permward::test {

Policy policy_of(std::string_view toml) {
  const std::array files{SourceFile{"test.toml", "schema = 1\n" + std::string(toml)}};
  Loaded loaded = load(files);
  std::string mistakes;
  for (const Diagnostic& one : loaded.diagnostics) {
    if (one.severity != Diagnostic::Severity::error) continue;
    mistakes += std::to_string(one.line) + ": " + one.message + " (" + one.help + ")\n";
  }
  if (!mistakes.empty()) throw std::runtime_error(mistakes + files[0].text.substr(0, 1000));
  HostNames names;
  look_up(loaded.policy.accounts, names);
  return std::move(loaded.policy);
}

Checked check_policy(Policy policy, const CheckOptions& options) {
  HostNames names;
  Result<CheckOutcome> outcome = check(policy, names, options);
  if (!outcome.ok()) {
    const Error& error = outcome.error();
    throw std::runtime_error("check: could not " + error.doing + ' ' + error.subject + ": errno " +
                             std::to_string(error.number));
  }
  for (const Diagnostic& one : outcome->conflicts) throw std::runtime_error(one.message);
  return {std::move(policy), std::move(*outcome)};
}

Checked check_text(std::string_view toml, const CheckOptions& options) {
  return check_policy(policy_of(toml), options);
}

std::vector<std::string> Checked::lines() const {
  std::vector<std::string> out;
  for (const Finding& one : outcome.findings) {
    out.push_back(one.path + ' ' + std::string(name(one.aspect)) + ' ' +
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
