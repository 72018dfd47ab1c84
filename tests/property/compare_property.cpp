// SPDX-License-Identifier: Apache-2.0
// Judging by tables and merged screens says what applying the rules as they are written says.
#include "decide/compare.hpp"
#include "decide/demand.hpp"
#include "property/compare_model.hpp"
#include "property/random_demands.hpp"
#include "support/observations.hpp"
#include "support/policies.hpp"
#include "support/property.hpp"
#include "support/verdicts.hpp"

#include <string>

namespace permward::test {
namespace {

std::string said(const Policy& policy, const Demand& demand, const Observed& observed) {
  std::string out;
  for (const Decided& decided : demand.decided) {
    const Status status = judge(policy, demand, decided, observed);
    const Status wanted = slow_verdict(policy, demand, decided, observed);
    const Description texts = describe(policy, demand, decided, observed, status, account_names());
    out += "\n " + policy.rules[decided.rule].id + " " + std::string(name(decided.clause->aspect)) +
           " " + mode_text(decided.parts) + ": " + std::string(name(status)) + ", slowly " +
           std::string(name(wanted)) + "; " + texts.actual + ", expected " + texts.expected + " (" +
           texts.message + ")";
  }
  return out + "\n mode " + mode_text(observed.mode);
}

// What `acquits` may say of each: never more than the clauses; without ACLs not less either.
void compare(const Policy& policy, const Demand& demand, const Observed& observed) {
  bool all_pass = true;
  bool acl_decided = false;
  for (const Decided& decided : demand.decided) {
    const Status status = judge(policy, demand, decided, observed);
    if (status != slow_verdict(policy, demand, decided, observed)) {
      RC_LOG() << said(policy, demand, observed) << '\n';
      RC_FAIL("judging and applying differ");
    }
    all_pass = all_pass && status == Status::pass;
    acl_decided = acl_decided || decided.clause->aspect == Aspect::acl;
    const Description texts = describe(policy, demand, decided, observed, status, account_names());
    RC_ASSERT(!texts.expected.empty() && !texts.actual.empty());
    const bool explained = !texts.message.empty() || texts.expected != texts.actual;
    RC_ASSERT((status == Status::pass ? texts.message.empty() : explained));
    const bool needs_words = status == Status::error || decided.clause->aspect == Aspect::mode ||
                             decided.clause->aspect == Aspect::acl;
    if (status != Status::pass && needs_words && texts.message.empty()) {
      RC_LOG() << said(policy, demand, observed) << '\n';
      RC_FAIL("a complaint without words");
    }
  }
  RC_ASSERT(complies(policy, demand, observed) == all_pass);
  const bool acquitted = acquits(demand, observed);
  if (acquitted != all_pass && (acquitted || !acl_decided)) {
    RC_LOG() << said(policy, demand, observed) << '\n';
    RC_FAIL(acquitted ? "acquitted what does not pass" : "declined what passes");
  }
}

void compare_some(bool with_acl) {
  const Policy drawn = random_policy(with_acl);
  RC_PRE(conflicts(drawn, targets_as_written(drawn)).empty());
  Walk walk(drawn);
  for (int i = 0; i < 6; ++i) {
    const Type type = one_of({Type::file, Type::file, Type::directory, Type::symlink});
    const Seen observed = random_object(type);
    compare(drawn, walk.demand("/x", type), observed);
  }
  compare(drawn, walk.absent("/x"), nothing());
}

TEST_CASE("without ACLs an object is acquitted exactly if all that is written holds") {
  check_property("policies on objects without ACLs", 3000, 30000, [] { compare_some(false); });
}

TEST_CASE("with ACLs an object is judged as what is written says, and acquitted only then") {
  check_property("policies on objects with ACLs", 4000, 40000, [] { compare_some(true); });
}

}  // namespace
}  // namespace permward::test
