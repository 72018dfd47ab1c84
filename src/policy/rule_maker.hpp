// SPDX-License-Identifier: Apache-2.0
//
// A rule of its keys: which clauses they come to, and what cannot go together. Layer `policy`;
// pure.
#pragma once

#include "policy/load_options.hpp"
#include "policy/reading.hpp"
#include "policy/rule_draft.hpp"

namespace permward {

// `draft.rule.id` and `pos` are set. The rule is meaningful only where nothing was reported of it.
[[nodiscard]] Rule make_rule(Reading& reading, RuleDraft draft, const LoadOptions& options);

}  // namespace permward
