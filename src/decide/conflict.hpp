// SPDX-License-Identifier: Apache-2.0
//
// Rules that speak of one place with one rank, and that no state of an object can satisfy together.
// Layer `decide`; pure.
#pragma once

#include "decide/target.hpp"
#include "model/diagnostic.hpp"
#include "model/policy.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace permward {

// How two rules come to speak of one object with one rank, and so of what.
enum class Meeting : std::uint8_t {
  path,          // both name it, or its top: of everything
  path_and_top,  // one names it, and it is the other's top: of presence and type
  glob,          // one glob matches it: of everything but type
  glob_and_top,  // one glob matches it, and one of them recurses: of presence
  tops,          // recursions that a glob began: of everything but presence and type
};

// The first aspect on which the two rules cannot both be satisfied for objects of `type`.
struct Disagreement {
  const Clause* clause = nullptr;
  const Clause* other = nullptr;
};
[[nodiscard]] std::optional<Disagreement> disagreement(const Policy& policy, const Rule& rule,
                                                       const Rule& other, Type type,
                                                       Meeting meeting);

// All that can be seen without a tree: rules on one literal path, on one top, of one glob. One
// error a pair of rules, at the later rule's clause. Accounts have been looked up; an unknown one
// is held to be itself.
[[nodiscard]] Diagnostics conflicts(const Policy& policy, std::span<const Target> targets);

// The same of a policy alone: of its enabled rules, on paths as they are written. Two rules with a
// `when` of their own, each another, may never be in force on one machine, and are no mistake.
[[nodiscard]] Diagnostics conflicts_as_written(const Policy& policy);

// The error for two rules that disagree.
[[nodiscard]] Diagnostic conflict_error(const Policy& policy, const Rule& rule, const Rule& other,
                                        const Disagreement& disagreement);

// Targets as the text of the policy has them, without links: for what is known before a tree is
// looked at.
[[nodiscard]] std::vector<Target> targets_as_written(const Policy& policy);
// The same of the rules that `wanted`, one a rule, marks; disabled ones too.
[[nodiscard]] std::vector<Target> targets_as_written(const Policy& policy,
                                                     const std::vector<bool>& wanted);

}  // namespace permward
