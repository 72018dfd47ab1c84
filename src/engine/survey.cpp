// SPDX-License-Identifier: Apache-2.0
#include "engine/survey.hpp"

#include "decide/steps.hpp"
#include "engine/gone.hpp"
#include "engine/judge.hpp"
#include "engine/resolve.hpp"
#include "engine/sweep.hpp"
#include "os/directory.hpp"
#include "os/kernel.hpp"
#include "os/mounts.hpp"
#include "os/observe.hpp"
#include "os/safe_open.hpp"
#include "os/system.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

namespace permward {
namespace {

using Names = std::vector<std::string>;

bool begins_with(const Names& names, const Names& start) {
  return names.size() >= start.size() && std::equal(start.begin(), start.end(), names.begin());
}

bool in_scope(const std::vector<Names>& scope, const Names& names) {
  return scope.empty() || std::any_of(scope.begin(), scope.end(), [&names](const Names& start) {
           return begins_with(names, start);
         });
}

bool wanted(const CheckOptions& options, std::uint32_t rule) {
  return options.selected.empty() || options.selected[rule];
}

Finding finding_of(const Policy& policy, const Target& target) {
  Finding out;
  out.rule = target.rule;
  out.status = Status::violation;
  out.path = target.shown;
  out.source = policy.rules[target.rule].pos;
  return out;
}

// A path that could not be resolved safely is one finding, and an object that nobody vouches for.
void add_unresolved(const Policy& policy, const CheckOptions& options,
                    const std::vector<Names>& scope, const std::vector<Unresolved>& unresolved,
                    CheckOutcome& out) {
  for (const Unresolved& one : unresolved) {
    if (!wanted(options, one.target.rule) || !in_scope(scope, one.target.head)) continue;
    Finding finding = finding_of(policy, one.target);
    tell_unseen(finding, one.error);
    out.findings.push_back(std::move(finding));
    ++out.objects;
  }
}

// That a glob matches nothing shows only when all was looked at.
void add_unmatched_globs(const Policy& policy, const CheckOptions& options,
                         const std::vector<Names>& scope, const Machine& machine,
                         const std::vector<bool>& matched, CheckOutcome& out) {
  const std::vector<Target>& targets = machine.rules().targets;
  for (std::uint32_t i = 0; i < targets.size(); ++i) {
    const Target& target = targets[i];
    const Rule& rule = policy.rules[target.rule];
    if (matched[i] || machine.rules().tail(i).empty() || !requires_matches(rule)) continue;
    if (!wanted(options, target.rule)) continue;
    if (!in_scope(scope, target.head)) continue;
    Finding finding = finding_of(policy, target);
    finding.aspect = Aspect::presence;
    finding.path = pattern_of(policy, target).text;
    finding.expected = "present";
    finding.actual = "absent";
    finding.message = "nothing matches";
    finding.source = find_clause(rule, Aspect::presence)->pos;
    out.findings.push_back(std::move(finding));
    ++out.objects;
  }
}

// Whether a finding tells that a path at that place, or below, could not be followed.
bool told_of(const std::vector<Unresolved>& unresolved, const CheckOptions& options,
             const Names& place) {
  return std::any_of(unresolved.begin(), unresolved.end(), [&](const Unresolved& one) {
    return wanted(options, one.target.rule) && begins_with(one.target.head, place);
  });
}

std::vector<CheckOutcome::Uncovered> uncovered(const Machine& machine,
                                               const std::vector<Unresolved>& unresolved,
                                               const std::vector<Names>& scope,
                                               const CheckOptions& options) {
  std::vector<CheckOutcome::Uncovered> out;
  for (std::size_t i = 0; i < scope.size(); ++i) {
    if (told_of(unresolved, options, scope[i]) || covered(machine, scope[i])) continue;
    out.push_back({options.paths[i], nearest_target(machine, scope[i])});
  }
  return out;
}

// What the run is restricted to.
struct Arguments {
  std::vector<Names> scope;                  // one a path; those that fail, as far as they lead
  std::vector<std::optional<Error>> errors;  // of those that could not be followed to their end
};

Arguments resolve_arguments(const std::vector<std::string>& paths, SafeOpen& safe_open) {
  Arguments out;
  for (const std::string& path : paths) {
    auto place = resolve_argument(path, safe_open);
    out.errors.push_back(place.ok() ? std::optional<Error>() : place.error());
    out.scope.push_back(place.ok() ? std::move(*place) : reached_argument(path, safe_open));
  }
  return out;
}

std::string path_text(const Names& names) {
  std::string out;
  for (const std::string& name : names) out.append("/").append(name);
  return out.empty() ? "/" : out;
}

// Below such a path nothing was looked at, and what a rule says of it could not be verified. Where
// a rule has a path there, that one is told of already.
void add_unreached(const Policy& policy, const CheckOptions& options, const Arguments& arguments,
                   const std::vector<Unresolved>& unresolved, const Machine& machine,
                   CheckOutcome& out) {
  std::set<Names> told;
  for (std::size_t i = 0; i < options.paths.size(); ++i) {
    if (!arguments.errors[i] || told_of(unresolved, options, arguments.scope[i])) continue;
    if (!told.insert(arguments.scope[i]).second) continue;
    const auto target = covering(machine, arguments.scope[i]);
    if (!target) continue;
    Finding finding = finding_of(policy, machine.rules().targets[*target]);
    tell_unseen(finding, *arguments.errors[i]);
    finding.path = path_text(arguments.scope[i]);
    out.findings.push_back(std::move(finding));
    ++out.objects;
  }
}

}  // namespace

Result<CheckOutcome> survey(const Policy& policy, const System& system, const CheckOptions& options,
                            const AfterSweep& then) {
  const Kernel& kernel = system.kernel;
  TRY_ASSIGN(const Mounts mounts, read_mounts(kernel, system.root));
  TRY_ASSIGN(Fd root, open_root_directory(system.root.get()));
  Observer observer(kernel, mounts);
  SafeOpen safe_open(kernel, observer, system.root.get());

  CheckOutcome out;
  Placement placed = place_rules(policy, mounts, safe_open, system.hostname);
  out.rules_here = count_rules(policy, [&](const Rule& rule) {
    const auto index = static_cast<std::uint32_t>(&rule - policy.rules.data());
    return placed.states[index] == InForce::yes && wanted(options, index);
  });
  out.conflicts = std::move(placed.conflicts);
  if (!out.conflicts.empty()) return out;
  Resolution& resolution = placed.resolution;

  const Arguments arguments = resolve_arguments(options.paths, safe_open);
  const std::vector<Names>& scope = arguments.scope;
  safe_open.rest();
  const Machine machine(policy, std::move(resolution.targets), mounts, scope, options.selected);
  out.uncovered = uncovered(machine, resolution.unresolved, scope, options);
  if (!out.uncovered.empty()) return out;

  TRY_ASSIGN(SweepOutcome swept,
             sweep(machine, kernel, mounts, *system.names, std::move(root), options));
  out.conflicts = conflict_errors(policy, swept.conflicts);
  if (!out.conflicts.empty()) return out;
  out.findings = std::move(swept.findings);
  out.objects = swept.objects;
  out.compliant = swept.compliant;
  out.not_entered = std::move(swept.not_entered);
  out.interrupted = swept.interrupted;
  out.verifying = verifying_rules(policy, placed.states);
  std::erase_if(out.verifying, [&](std::uint32_t rule) { return !wanted(options, rule); });
  add_unresolved(policy, options, scope, resolution.unresolved, out);
  add_unreached(policy, options, arguments, resolution.unresolved, machine, out);
  const Ground ground{policy, system, mounts, safe_open, machine, scope};
  std::vector<Finding> gone;
  if (!out.interrupted) {
    add_unmatched_globs(policy, options, scope, machine, swept.matched_globs, out);
    gone = find_gone(ground, options, swept.met, out);
  }
  if (then) then(ground, out, gone);
  std::move(gone.begin(), gone.end(), std::back_inserter(out.findings));
  std::sort(out.findings.begin(), out.findings.end(), report_order);
  return out;
}

}  // namespace permward
