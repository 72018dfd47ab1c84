// SPDX-License-Identifier: Apache-2.0
//
// Rules that speak of one place with one rank, and that no state of an object can satisfy together.
// Layer `decide`; pure.
#pragma once

#include "decide/target.hpp"
#include "model/diagnostic.hpp"
#include "model/policy.hpp"
#include "model/pos.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <utility>

namespace permward {

// How two rules come to speak of one object with one rank, and so of what.
enum class Meeting : std::uint8_t {
  path,          // both name it, or its top: of everything
  path_and_top,  // one names it, and it is the other's top: of presence and type
  glob,          // one glob matches it: of everything but type
  glob_and_top,  // one glob matches it, and one of them recurses: of presence
  tops,          // recursions that a glob began: of everything but presence and type
};

// Clauses of two rules on one aspect of which no state satisfies both.
struct Disagreement {
  const Clause* clause = nullptr;
  const Clause* other = nullptr;
};
// The first for objects of `type`.
[[nodiscard]] std::optional<Disagreement> disagreement(const Policy& policy, const Rule& rule,
                                                       const Rule& other, Type type,
                                                       Meeting meeting);

// Whether it matters that the two cannot be satisfied together: what says `enforce = false` is only
// reported, and may stand beside what is enforced.
[[nodiscard]] bool may_contradict(const Rule& rule, const Rule& other);

// All that can be seen without a tree: rules on one literal path, on one top, of one glob.
// Accounts have been looked up; an unknown one is held to be itself.
[[nodiscard]] Diagnostics conflicts(const Policy& policy, std::span<const Target> targets);

// The same of a policy alone: of its enabled rules, on paths as they are written. Two rules with a
// `when` of their own, each another, may never be in force on one machine, and are no mistake.
[[nodiscard]] Diagnostics conflicts_as_written(const Policy& policy);

// The errors for rules that disagree: one for two `[[rule]]` tables, however many rules they were
// expanded to, at the later one's clause. Of many the first, and one that says that there are more.
class ConflictErrors {
 public:
  static constexpr std::size_t limit = 100;

  explicit ConflictErrors(const Policy& policy) : policy_(policy) {}

  // Whether an error for these two would be a new one, and is wanted.
  [[nodiscard]] bool wants(const Rule& rule, const Rule& other) const;
  void add(const Rule& rule, const Rule& other, const Disagreement& disagreement);
  [[nodiscard]] Diagnostics take();

 private:
  const Policy& policy_;
  std::set<std::pair<Pos, Pos>> told_;
  Diagnostics errors_;
  bool more_ = false;
};

// Targets as the text of the policy has them, without links: for what is known before a tree is
// looked at.
[[nodiscard]] std::vector<Target> targets_as_written(const Policy& policy);
// The same of the rules that `wanted`, one a rule, marks; disabled ones too.
[[nodiscard]] std::vector<Target> targets_as_written(const Policy& policy,
                                                     const std::vector<bool>& wanted);

}  // namespace permward
