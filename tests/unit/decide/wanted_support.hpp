// SPDX-License-Identifier: Apache-2.0
// What the tests of `decide/wanted.hpp` share: objects, and what rules on `/x` make of them.
#pragma once

#include "decide/wanted.hpp"
#include "support/catch.hpp"
#include "support/observations.hpp"
#include "support/policies.hpp"
#include "support/states.hpp"
#include "support/verdicts.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace permward::test::correcting {

inline constexpr std::uint32_t bob = 1001;
inline constexpr AttributeSet immutable = Attribute::immutable;

inline Seen file(unsigned mode) { return seen(Type::file).mode(mode).capabilities({}); }
inline Seen directory(unsigned mode) { return seen(Type::directory).mode(mode); }
inline Seen with(const Texts& entries) { return file(0).acl(entries); }

// By all that is decided, what cannot be told included.
inline ObjectState corrected(const Policy& policy, const Observed& observed) {
  Walk walk(policy);
  const Demand& demand = walk.demand("/x", observed.type);
  return wanted(policy, observed, judge_all(policy, demand, observed));
}

struct Case {
  std::string what;
  std::vector<RuleSpec> rules;
  Seen now;
  Seen wanted;
};

inline void check(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    INFO(one.what);
    CHECK(text_of(corrected(policy_of(one.rules), one.now)) == text_of(state_of(one.wanted)));
  }
}

inline RuleSpec x() { return on("/x"); }

}  // namespace permward::test::correcting
