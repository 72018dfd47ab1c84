// SPDX-License-Identifier: Apache-2.0
// What one rule demands of an object, bit by bit, and whether two can hold together, for
// `combined_model.hpp`: slowly, and with nothing of the product.
#pragma once

#include "fs/combined_model.hpp"

#include <optional>
#include <vector>

namespace permward::test::combined {

// The bits that the demand names.
unsigned named_bits(const Mode& mode, bool directory);
// Of which X speaks.
bool somebody_executes(unsigned mode, bool directory);
// The mode once the demand has been applied to it; `x`: what X comes to.
unsigned applied(const Mode& demand, unsigned mode, bool directory, bool x);

using Ids = std::optional<std::vector<unsigned>>;

// The rules as the overrides leave them.
std::vector<Keys> overridden(const RuleSet& set);

bool recursive(const Keys& rule);
bool demands_anything(const Keys& rule);
// What the rule says of presence on one of its paths, a glob or not.
Presence presence_at(const Keys& rule, bool glob);
bool selects(const Keys& rule, Kind kind);
// What the rule demands outright of an object of that kind.
Demands outright(const Keys& rule, Kind kind);
// What each alternative demands of such an object.
std::vector<Demands> alternatives(const Keys& rule, Kind kind);

// Whether one object of that kind, or of every kind, can be as both rules demand.
bool hold_together(const Keys& a, const Keys& b, Kind kind);
bool hold_together(const Keys& a, const Keys& b);
// What is only reported contradicts nothing.
bool both_enforced(const Keys& a, const Keys& b);
bool contradict(const Keys& a, const Keys& b);

}  // namespace permward::test::combined
