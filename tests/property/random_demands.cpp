// SPDX-License-Identifier: Apache-2.0
#include "property/random_demands.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace permward::test {
namespace {

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

}  // namespace

Seen random_object(Type type) {
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

Policy random_policy(bool with_acl) {
  std::vector<RuleSpec> rules;
  for (int i = *rc::gen::inRange(1, 4); i > 0; --i) {
    rules.push_back(rule_spec(one_of<std::string>({"/", "/x", "/x"}), with_acl));
  }
  return policy_of(rules);
}

}  // namespace permward::test
