// SPDX-License-Identifier: Apache-2.0
// Judging by tables and merged screens says what applying the rules as they are written says.
#include "decide/compare.hpp"
#include "decide/demand.hpp"
#include "property/compare_model.hpp"
#include "support/observations.hpp"
#include "support/policies.hpp"
#include "support/property.hpp"
#include "support/verdicts.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace permward::test {
namespace {

template <class T>
T one_of(std::initializer_list<T> values) {
  return *rc::gen::elementOf(std::vector<T>(values));
}
bool one_in(int count) { return *rc::gen::inRange(0, count) == 0; }

Texts some(std::initializer_list<const char*> values) {
  Texts out;
  for (const char* value : values) {
    if (one_in(2)) out.emplace_back(value);
  }
  if (out.empty()) out.emplace_back(*values.begin());
  return out;
}

// No clause sets an x that another clause of its text reads: what `X` looks at then has one answer.
ModeWant mode_want() {
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      return exact(one_of({0640U, 0644U, 0755U, 02750U, 0U}));
    case 1:
      return at_most(one_of({0640U, 0600U, 0751U, 06755U}));
    case 2:
      return one_in(2) ? at_least(one_of({0400U, 0111U, 02010U})) : between(0400, 0750);
    default:
      return symbolic(one_of<std::string>({"o-w", "ug-s", "a+X", "g=rX", "u=rw,g=r,o=", "o-x",
                                           "u-x", "g+X,o-rwx", "u+x", "+t", "go=", "a-x"}));
  }
}

AclSpec acl_spec() {
  const auto entries = [] {
    Texts out;
    for (const char* who :
         {"user:bob:", "user:1002:", "group:web:", "user:robert:", "user:ghost:"}) {
      if (one_in(std::string_view(who) == "user:ghost:" ? 12 : 3)) {
        out.push_back(who + one_of<std::string>({"", "r", "rw", "rX", "x"}));
      }
    }
    // One account under two names has one set of rights: anything else is no policy.
    const auto named = [](std::string_view who) {
      return [who](const std::string& text) { return text.starts_with(who); };
    };
    const auto bob = std::find_if(out.begin(), out.end(), named("user:bob:"));
    const auto robert = std::find_if(out.begin(), out.end(), named("user:robert:"));
    if (bob != out.end() && robert != out.end()) *robert = "user:robert:" + bob->substr(9);
    if (one_in(4)) out.push_back("mask::" + one_of<std::string>({"", "r", "rw", "rX"}));
    return out;
  };
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      return acl_at_most(entries());
    case 1:
      return acl_at_least(entries());
    case 2:
      return acl_between(entries(), entries());
    default:
      return acl(entries());
  }
}

RuleSpec rule_spec(std::string path, bool with_acl) {
  RuleSpec out = on(std::move(path));
  if (one_in(2)) out.recursive();
  if (one_in(4)) out.type({Type::file, Type::directory});
  if (one_in(4)) out.presence(one_of({Presence::optional, Presence::forbidden}));
  if (one_in(2)) out.owner(some({"root", "bob", "robert", "1002", "ghost"}));
  if (one_in(3)) out.group(some({"web", "33", "ldap", "root"}));
  if (!one_in(4)) out.mode(mode_want());
  if (with_acl && one_in(2)) out.acl(acl_spec());
  return out;
}

Seen observation(Type type) {
  Seen out = seen(type).owner(one_of({0U, 1001U, 1002U})).group(one_of({0U, 33U}));
  out.mode(one_of({0U, 0640U, 0644U, 0755U, 0744U, 0601U, 02755U, 04711U, 01777U, 0666U, 0010U}));
  switch (*rc::gen::inRange(0, 12)) {
    case 0:
      return out.acl_unsupported();
    case 1:
      return out.acl_unreadable(5);
    case 2:
    case 3:
      return out;
    default:
      break;
  }
  std::vector<AclEntry> all = entries({"user::rw-", "other::r--"});
  const auto rights = [] { return one_of<std::uint8_t>({0, 1, 4, 5, 6, 7}); };
  all[0].permissions = rights();
  all.push_back({AclTag::group_obj, rights(), 0});
  for (const std::uint32_t id : {1001U, 1001U, 1002U, 0U}) {
    if (one_in(3)) all.push_back({AclTag::user, rights(), id});
  }
  if (one_in(3)) all.push_back({AclTag::group, rights(), 33});
  const bool named =
      std::any_of(all.begin(), all.end(), [](const AclEntry& e) { return e.named(); });
  if (named || one_in(2)) all.push_back({AclTag::mask, rights(), 0});
  return out.acl(std::move(all));
}

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

Policy policy(bool with_acl) {
  std::vector<RuleSpec> rules;
  for (int i = *rc::gen::inRange(1, 4); i > 0; --i) {
    rules.push_back(rule_spec(one_of<std::string>({"/", "/x", "/x"}), with_acl));
  }
  return policy_of(rules);
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
  const Policy drawn = policy(with_acl);
  RC_PRE(conflicts(drawn, targets_as_written(drawn)).empty());
  Walk walk(drawn);
  for (int i = 0; i < 6; ++i) {
    const Type type = one_of({Type::file, Type::file, Type::directory, Type::symlink});
    const Seen observed = observation(type);
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
