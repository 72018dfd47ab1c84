// SPDX-License-Identifier: Apache-2.0
// Two rules cannot hold together exactly if no state of an object satisfies both: every state is
// tried.
#include "decide/compare.hpp"
#include "decide/conflict.hpp"
#include "property/compare_model.hpp"
#include "support/observations.hpp"
#include "support/policies.hpp"
#include "support/property.hpp"
#include "support/verdicts.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace permward::test {
namespace {

template <class T>
T one_of(std::initializer_list<T> values) {
  return *rc::gen::elementOf(std::vector<T>(values));
}
bool one_in(int count) { return *rc::gen::inRange(0, count) == 0; }

bool disagree(const Policy& policy, Type type) {
  return disagreement(policy, policy.rules[0], policy.rules[1], type, Meeting::path).has_value();
}

ModeWant mode_want() {
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      return exact(one_of({0640U, 0644U, 0755U, 0711U}));
    case 1:
      return at_most(one_of({0640U, 0600U, 0751U, 0066U}));
    case 2:
      return at_least(one_of({0400U, 0111U, 0044U}));
    default:
      return symbolic(one_of<std::string>({"o-w", "ug-s", "a+X", "g=rX", "u=rw,g=r,o=", "o-x",
                                           "u-x", "g+X", "u+x", "a-x", "o=X", "go="}));
  }
}

TEST_CASE("modes cannot hold together exactly if none of the 4096 satisfies both") {
  check_property("pairs of modes", 600, 20000, [] {
    const ModeWant a = mode_want();
    const ModeWant b = mode_want();
    const Policy policy = policy_of({on("/x").mode(a), on("/x").mode(b)});
    for (const Type type : {Type::file, Type::directory}) {
      bool possible = false;
      for (unsigned mode = 0; mode <= all_mode_bits && !possible; ++mode) {
        possible = holds(a, mode, type) && holds(b, mode, type);
      }
      RC_ASSERT(disagree(policy, type) == !possible);
    }
  });
}

TEST_CASE("owners cannot hold together exactly if nobody is on both lists") {
  check_property("pairs of owners", 600, 20000, [] {
    const auto names = [] {
      Texts out = {one_of<std::string>({"root", "bob", "carol"})};
      for (const char* name : {"0", "robert", "1002", "daemon"}) {
        if (one_in(4)) out.emplace_back(name);
      }
      return out;
    };
    const Policy policy = policy_of({on("/x").owner(names()), on("/x").owner(names())});
    Walk walk(policy);
    const Demand& demand = walk.demand("/x", Type::file);
    bool possible = false;
    for (const std::uint32_t uid : {0U, 1U, 1001U, 1002U}) {
      possible = possible || complies(policy, demand, seen(Type::file).owner(uid));
    }
    RC_ASSERT(disagree(policy, Type::file) == !possible);
  });
}

Texts acl_texts(bool with_x) {
  Texts out;
  const auto rights = [with_x] {
    return with_x ? one_of<std::string>({"", "r", "x", "rX", "X"})
                  : one_of<std::string>({"", "r", "x", "rx"});
  };
  for (const char* who : {"user:bob:", "user:carol:"}) {
    if (one_in(2)) out.push_back(who + rights());
  }
  if (one_in(3)) out.push_back("mask::" + rights());
  return out;
}

AclSpec acl_spec(bool with_x) {
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      return acl_at_most(acl_texts(with_x));
    case 1:
      return acl_at_least(acl_texts(with_x));
    case 2:
      return acl_between(acl_texts(with_x), acl_texts(with_x));
    default:
      return acl(acl_texts(with_x));
  }
}

// Whether some ACL over two users, r and x, satisfies all that the policy demands of it.
bool some_acl_complies(const Policy& policy, const Demand& demand, Type type) {
  constexpr int missing = -1;
  const int all[] = {missing, 0, 1, 4, 5};
  if (complies(policy, demand, seen(type).mode(0644))) return true;
  if (complies(policy, demand, seen(type).mode(0755))) return true;
  for (const int bob : all) {
    for (const int carol : all) {
      for (const int mask : {0, 1, 4, 5}) {
        for (const int group : {0, 1, 4, 5}) {
          for (const unsigned owner : {4U, 5U}) {
            std::vector<AclEntry> entries;
            const auto add = [&entries](AclTag tag, int rights, std::uint32_t id) {
              if (rights == missing) return;
              entries.push_back({tag, static_cast<std::uint8_t>(rights), id});
            };
            add(AclTag::user_obj, static_cast<int>(owner), 0);
            add(AclTag::user, bob, 1001);
            add(AclTag::user, carol, 1002);
            add(AclTag::group_obj, group, 0);
            add(AclTag::mask, mask, 0);
            add(AclTag::other, 0, 0);
            if (complies(policy, demand, seen(type).acl(std::move(entries)))) return true;
          }
        }
      }
    }
  }
  return false;
}

// A rule that contradicts itself is an error of its own.
bool consistent(const AclSpec& spec, Type type) {
  const Policy policy = policy_of({on("/x").acl(spec)});
  Walk walk(policy);
  return some_acl_complies(policy, walk.demand("/x", type), type);
}

void compare_acls(bool with_x) {
  const AclSpec a = acl_spec(with_x);
  const AclSpec b = acl_spec(with_x);
  const Type type = one_of({Type::file, Type::directory});
  RC_PRE(consistent(a, type) && consistent(b, type));
  const Policy policy = policy_of({on("/x").acl(a), on("/x").acl(b)});
  Walk walk(policy);
  const bool possible = some_acl_complies(policy, walk.demand("/x", type), type);
  const bool disagrees = disagree(policy, type);
  // `X` may be either where it is looked at without an object.
  if (with_x ? disagrees && possible : disagrees == possible) {
    for (const AclSpec* spec : {&a, &b}) {
      RC_LOG() << "form " << static_cast<int>(spec->form) << " most";
      for (const std::string& text : spec->at_most) RC_LOG() << " " << text;
      RC_LOG() << " least";
      for (const std::string& text : spec->at_least) RC_LOG() << " " << text;
      RC_LOG() << '\n';
    }
    RC_FAIL(possible ? "a conflict that is none" : "a conflict that was not seen");
  }
}

TEST_CASE("ACLs cannot hold together exactly if no ACL satisfies both") {
  check_property("pairs of ACLs", 200, 5000, [] { compare_acls(false); });
}

TEST_CASE("ACLs with a capital X that some ACL satisfies are never called a conflict") {
  check_property("pairs of ACLs with X", 100, 5000, [] { compare_acls(true); });
}

}  // namespace
}  // namespace permward::test
