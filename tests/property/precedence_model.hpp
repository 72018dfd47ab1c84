// SPDX-License-Identifier: Apache-2.0
// Who decides what, worked out slowly: every rule is held against the whole path, and of those that
// speak of a thing the strongest are looked for. Written from the text of the policy language, and
// shares nothing with `decide` but the data.
#pragma once

#include "decide/target.hpp"
#include "model/mount.hpp"
#include "model/policy.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace permward::test {

using Names = std::vector<std::string>;

// Whether the component stands for the name, by trying everything.
bool slowly_matches(const Component& component, std::string_view name);
// Whether the components stand for the names, without mounts.
bool slowly_matches(const std::vector<Component>& tail, const Names& names);

// By (rule, clause): the parts that it decides.
using Decisions = std::map<std::pair<std::uint32_t, const Clause*>, std::uint16_t>;

class PrecedenceModel {
 public:
  // The targets are those of `targets_as_written`.
  PrecedenceModel(const Policy& policy, std::vector<Target> targets, const Mounts& mounts)
      : policy_(policy), targets_(std::move(targets)), mounts_(mounts) {}

  Decisions decisions(const Names& path, Type type) const;
  // Of what was decided, and selected: of what has the wrong type nothing else is compared; what is
  // only reported says so of its own rule.
  Decisions compared(const Decisions& decided, Type type) const;
  // Targets of globs that must match something, and which the object is a match of.
  std::set<std::uint32_t> matched_globs(const Names& path, Type type) const;
  // Whether a literal path or the top of a literal recursion is there.
  bool named(const Names& path) const;
  // Whether some rule names the path or something below it.
  bool leads_to_named(const Names& path) const;
  // Whether a recursion or a glob speaks of the path itself, whatever is there.
  bool taken(const Names& path) const;
  // Whether a recursion or a glob may speak of what lies in it, whatever its name is.
  bool goes_on(const Names& path) const;
  // Whether a recursion or a wildcard would take the path, which is a mount point, but stops there.
  bool stops(const Names& path) const;

 private:
  // The greater decides: what kind of way leads to the object, and how specific it is among these.
  using Strength = std::pair<int, std::uint32_t>;

  const Rule& rule(std::uint32_t target) const { return policy_.rules[targets_[target].rule]; }
  bool glob(std::uint32_t target) const;
  MountKind mount_at(const Names& path) const;
  bool may_enter(CrossFilesystems cross, const Names& path) const;
  bool begins_in_pseudo(std::uint32_t target) const;
  std::uint32_t order(std::uint32_t target) const;

  bool glob_matches(std::uint32_t target, const Names& path) const;
  bool glob_matches(std::uint32_t target, std::size_t part, const Names& path,
                    std::size_t at) const;
  // What parts of the glob's tail may come next below the path.
  std::set<std::size_t> next_parts(std::uint32_t target, const Names& path) const;
  bool excluded(const Rule& rule, const Names& path, std::size_t top) const;
  bool recursion_covers(const Rule& rule, const Names& path, std::size_t top) const;
  // The depths of the tops from which a recursive target could reach the path.
  std::vector<std::size_t> tops(std::uint32_t target, const Names& path) const;
  // All the ways in which the target speaks of the aspect.
  std::vector<Strength> ways(std::uint32_t target, const Names& path, Type type,
                             const Clause& clause) const;

  const Policy& policy_;
  std::vector<Target> targets_;
  const Mounts& mounts_;
};

}  // namespace permward::test
