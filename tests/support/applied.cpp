// SPDX-License-Identifier: Apache-2.0
#include "support/applied.hpp"

#include "os/system.hpp"

#include <stdexcept>
#include <utility>

namespace permward::test {

ApplyOptions apply_options() {
  using namespace std::chrono;
  ApplyOptions out;
  out.today = year(2026) / November / 26;
  return out;
}

namespace {

Hands hands_of(const ApplyWith& with, Changer& by_calls) {
  Hands out;
  if (!with.dry_run) out.changer = with.changer != nullptr ? with.changer : &by_calls;
  out.journal = with.journal;
  out.run = with.run;
  out.refused = with.refused;
  return out;
}

}  // namespace

Applied undo_changes(const std::vector<RecordedChange>& changes, const UndoOptions& options,
                     const ApplyWith& with, std::string_view toml) {
  const auto system = host_system();
  if (!system.ok()) throw std::runtime_error("no system");
  Kernel kernel;
  KernelChanger by_calls(kernel);
  Policy policy = toml.empty() ? Policy{} : policy_of(toml);
  Result<ApplyOutcome> outcome = undo(policy, *system, changes, options, hands_of(with, by_calls));
  if (!outcome.ok()) throw std::runtime_error("undo: could not " + outcome.error().doing);
  return {std::move(policy), std::move(*outcome)};
}

namespace {

Applied apply_in(const System& system, Policy policy, const ApplyWith& with) {
  Kernel kernel;
  KernelChanger by_calls(kernel);
  const Hands hands = hands_of(with, by_calls);
  Result<ApplyOutcome> outcome = apply(policy, system, with.options, hands);
  if (!outcome.ok()) throw std::runtime_error("apply: could not " + outcome.error().doing);
  for (const Diagnostic& one : outcome->found.conflicts) throw std::runtime_error(one.message);
  return {std::move(policy), std::move(*outcome)};
}

}  // namespace

Applied apply_text(std::string_view toml, const ApplyWith& with) {
  if (with.root.empty()) {
    const auto system = host_system();
    if (!system.ok()) throw std::runtime_error("no system");
    return apply_in(*system, policy_of(toml), with);
  }
  const auto rooted = rooted_system(with.root, 0);
  if (!rooted.ok()) throw std::runtime_error("no system below " + with.root);
  return apply_in(rooted->system, policy_of(toml, *rooted->system.names), with);
}

std::vector<std::string> Applied::lines() const {
  std::vector<std::string> out;
  for (const Finding& one : outcome.found.findings) {
    out.push_back(one.path.text() + ' ' + std::string(name(one.aspect)) + ' ' +
                  std::string(name(one.status)));
  }
  return out;
}

std::vector<std::string> Applied::reasons() const {
  std::vector<std::string> out;
  for (const Finding& one : outcome.found.findings) {
    if (!one.reason.empty()) out.push_back(one.reason);
  }
  return out;
}

bool Applied::in_policy() const {
  return !outcome.found.interrupted && outcome.found.uncovered.empty() &&
         outcome.found.findings.empty() && outcome.changed == 0 && !outcome.error;
}

}  // namespace permward::test
