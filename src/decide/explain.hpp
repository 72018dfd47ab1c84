// SPDX-License-Identifier: Apache-2.0
//
// Why a demand is what it is: each rule that accepts a place, what it says, what of it decides, and
// what loses to whom. Layer `decide`; pure.
#pragma once

#include "decide/state.hpp"
#include "decide/target.hpp"
#include "model/accounts.hpp"
#include "model/explanation.hpp"
#include "model/observation.hpp"

#include <span>
#include <vector>

namespace permward {

// Of `accepts`, strongest first, in that order; one entry each, but for the top of a glob that
// recurses where its presence is not spoken of. `observed` has the type that is spoken of; the rest
// of it is asked only by what depends on the object (`X` in an ACL).
[[nodiscard]] std::vector<ExplainedRule> explain_rules(const Rules& rules,
                                                       std::span<const Accept> accepts,
                                                       const Observed& observed,
                                                       const AccountNames& names);

// The same of rules that are not in force: each for itself, and none of them decides anything.
[[nodiscard]] std::vector<ExplainedRule> explain_idle_rules(const Rules& rules,
                                                            std::span<const Accept> accepts,
                                                            const Observed& observed,
                                                            const AccountNames& names);

// What would be there if something were: the first type that the strongest rule with an opinion
// states or selects; a file where none has one.
[[nodiscard]] Type likely_type(const Rules& rules, std::span<const Accept> accepts);

}  // namespace permward
