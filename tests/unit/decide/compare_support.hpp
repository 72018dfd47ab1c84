// SPDX-License-Identifier: Apache-2.0
// What the tests of `decide/compare.hpp` share: one rule, and what it says of one object.
#pragma once

#include "decide/compare.hpp"
#include "support/catch.hpp"
#include "support/observations.hpp"
#include "support/policies.hpp"
#include "support/verdicts.hpp"

#include <utility>

namespace permward::test::comparing {

// What a rule on one path says of one aspect.
inline Status judged(RuleSpec rule, Aspect aspect, const Observed& observed) {
  const Policy policy = policy_of({std::move(rule)});
  Walk walk(policy);
  const Demand& demand =
      observed.type == Type::absent ? walk.absent("/x") : walk.demand("/x", observed.type);
  for (const Decided& decided : demand.decided) {
    if (decided.clause->aspect == aspect) return judge(policy, demand, decided, observed);
  }
  FAIL("the rule does not speak of it");
  return Status::pass;
}

inline Seen file(unsigned mode) { return seen(Type::file).mode(mode); }
inline Seen with_acl(const Texts& texts) { return seen(Type::file).acl(texts); }

}  // namespace permward::test::comparing
