// SPDX-License-Identifier: Apache-2.0
#include "engine/resolve.hpp"

#include "decide/conflict.hpp"
#include "os/directory.hpp"

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>

namespace permward {
namespace {

// The head of a literal path ends with the object itself, which is no way but what is looked at.
Result<std::vector<std::string>> resolve_literal(std::vector<std::string> head, bool follow,
                                                 SafeOpen& safe_open) {
  if (head.empty()) return head;
  const std::string last = std::move(head.back());
  head.pop_back();
  TRY_ASSIGN(const WayPtr way, safe_open.directory(head));
  if (follow) {
    TRY_ASSIGN(auto followed, safe_open.follow_last(way, last));
    if (followed) return std::move(*followed);
  }
  std::vector<std::string> names = way->names;
  names.push_back(last);
  return names;
}

Result<std::vector<std::string>> resolve_head(const Policy& policy, const Target& target,
                                              SafeOpen& safe_open) {
  if (!pattern_of(policy, target).glob()) {
    return resolve_literal(target.head, policy.rules[target.rule].follow, safe_open);
  }
  TRY_ASSIGN(const WayPtr way, safe_open.directory(target.head));
  return way->names;
}

bool exists(const std::string& path, SafeOpen& safe_open, const Kernel& kernel) {
  std::vector<std::string> names = names_of(path);
  if (names.empty()) return true;
  const std::string last = std::move(names.back());
  names.pop_back();
  const Result<WayPtr> way = safe_open.directory(names);
  if (!way.ok()) return true;
  if (!(*way)->present) return false;
  const Result<Fd> held = take_hold(kernel, (*way)->fd.get(), last.c_str());
  return held.ok() || held.error().kind != ErrorKind::not_found;
}

}  // namespace

Resolution resolve(const Policy& policy, const std::vector<bool>& active, SafeOpen& safe_open) {
  std::vector<Target> targets = targets_as_written(policy, active);
  // Those that begin alike one after the other, so that each directory is opened once.
  std::sort(targets.begin(), targets.end(),
            [](const Target& a, const Target& b) { return a.head < b.head; });
  Resolution out;
  for (Target& target : targets) {
    Result<std::vector<std::string>> names = resolve_head(policy, target, safe_open);
    if (!names.ok()) {
      target.head = safe_open.reached(target.head);
      out.unresolved.push_back({std::move(target), std::move(names).error()});
      continue;
    }
    target.head = std::move(*names);
    out.targets.push_back(std::move(target));
  }
  std::sort(out.targets.begin(), out.targets.end(), [](const Target& a, const Target& b) {
    return std::tie(a.rule, a.path) < std::tie(b.rule, b.path);
  });
  return out;
}

InForce in_force(const Rule& rule, SafeOpen& safe_open,
                 const std::optional<std::string>& hostname) {
  if (rule.disabled) return InForce::disabled;
  if (!rule.when) return InForce::yes;
  const When& when = *rule.when;
  if (when.hostname && !(hostname && matches(*when.hostname, *hostname))) {
    return InForce::other_host;
  }
  if (when.path_exists && !exists(*when.path_exists, safe_open, safe_open.kernel())) {
    return InForce::path_missing;
  }
  return InForce::yes;
}

Placement place_rules(const Policy& policy, const Mounts& mounts, SafeOpen& safe_open,
                      const std::optional<std::string>& hostname) {
  Placement out;
  std::vector<bool> active;
  for (const Rule& rule : policy.rules) {
    out.states.push_back(in_force(rule, safe_open, hostname));
    active.push_back(out.states.back() == InForce::yes);
  }
  out.rules_here = count_rules(policy, [&](const Rule& rule) {
    return active[static_cast<std::size_t>(&rule - policy.rules.data())];
  });
  out.resolution = resolve(policy, active, safe_open);
  follow_globs(policy, mounts, safe_open, out.resolution);
  out.conflicts = conflicts(policy, out.resolution.targets);
  return out;
}

std::vector<std::uint32_t> verifying_rules(const Policy& policy,
                                           const std::vector<InForce>& states) {
  std::vector<std::uint32_t> out;
  for (std::uint32_t i = 0; i < policy.rules.size(); ++i) {
    const Rule& rule = policy.rules[i];
    if (states[i] != InForce::yes || rule.verify.empty()) continue;
    // One that stands there once for each user.
    const bool told = !out.empty() && policy.rules[out.back()].pos == rule.pos;
    if (!told) out.push_back(i);
  }
  return out;
}

Result<std::vector<std::string>> resolve_argument(const std::string& path, SafeOpen& safe_open) {
  const bool follow = path.size() > 1 && path.ends_with('/');
  return resolve_literal(names_of(path), follow, safe_open);
}

std::vector<std::string> reached_argument(const std::string& path, SafeOpen& safe_open) {
  return safe_open.reached(names_of(path));
}

}  // namespace permward
