// SPDX-License-Identifier: Apache-2.0
//
// What keys of one rule cannot say together, and what they hardly mean. Layer `policy`; pure.
#pragma once

#include "policy/load_options.hpp"
#include "policy/reading.hpp"
#include "policy/rule_draft.hpp"

namespace permward {

// What a rule's paths are.
struct RuleShape {
  bool recursive = false;
  bool literals = false;
  bool globs = false;

  // Whether `type` selects objects; else it is demanded of the one that is named.
  [[nodiscard]] bool selects() const { return recursive || globs; }
};
[[nodiscard]] RuleShape shape_of(const Rule& rule);

// Of the keys as they stand.
void check_keys(Reading& reading, const RuleDraft& draft);

// Of a rule that has a path, once it has its clauses.
void check_clauses(Reading& reading, const RuleDraft& draft, const LoadOptions& options);

}  // namespace permward
