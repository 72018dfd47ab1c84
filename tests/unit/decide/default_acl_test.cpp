// SPDX-License-Identifier: Apache-2.0
// Default ACLs of directories: what is in policy, and how a report says what is not.
#include "decide/compare.hpp"
#include "decide/rights.hpp"
#include "support/catch.hpp"
#include "support/observations.hpp"
#include "support/policies.hpp"
#include "support/verdicts.hpp"

#include <cerrno>
#include <string>
#include <vector>

namespace permward {
namespace {

using test::Seen;
using test::seen;
using test::Texts;

// The policy of one directory `/x`. "user:bob:rwx" names an account, "user::rwx" is a base entry.
Policy demanding(const Texts& entries) {
  Policy policy = test::policy_of({test::on("/x").want(Aspect::default_acl, DefaultAclWant{})});
  DefaultAclWant want;
  for (const std::string& text : entries) {
    const std::size_t first = text.find(':');
    const std::size_t second = text.find(':', first + 1);
    const std::string tag = text.substr(0, first);
    const std::string who = text.substr(first + 1, second - first - 1);
    AclWantEntry entry;
    entry.permissions = test::entry("user::" + text.substr(second + 1)).permissions;
    if (who.empty()) {
      (tag == "user"    ? want.user_obj
       : tag == "group" ? want.group_obj
       : tag == "mask"  ? want.mask
                        : want.other) = entry.permissions;
      continue;
    }
    const AccountKind kind = tag == "user" ? AccountKind::user : AccountKind::group;
    entry.tag = kind == AccountKind::user ? AclTag::user : AclTag::group;
    entry.account = test::account(policy, kind, who);
    want.named.push_back(entry);
  }
  for (Clause& clause : policy.rules[0].clauses) {
    if (clause.aspect == Aspect::default_acl) clause.want = want;
  }
  return policy;
}

Status status(const Texts& entries, const Observed& observed) {
  const Policy policy = demanding(entries);
  test::Walk walk(policy);
  const Demand& demand = walk.demand("/x", Type::directory);
  for (const Decided& decided : demand.decided) {
    if (decided.clause->aspect == Aspect::default_acl) {
      return judge(policy, demand, decided, observed);
    }
  }
  FAIL("nothing is decided");
  return Status::error;
}

Texts said(const Texts& entries, const Observed& observed) {
  Texts out = test::complaints(demanding(entries), "/x", observed);
  for (std::string& line : out) line = line.substr(3);
  return out;
}

Seen directory(unsigned mode = 0755) { return seen(Type::directory).mode(mode); }
Seen with(const Texts& entries) { return directory().default_acl(entries); }

TEST_CASE("an empty list demands that there is no default ACL") {
  CHECK(status({}, directory()) == Status::pass);
  CHECK(status({}, directory().default_acl_not_there(Read::unsupported)) == Status::pass);
  const Seen minimal = with({"user::rwx", "group::r-x", "other::---"});
  CHECK(status({}, minimal) == Status::violation);
  CHECK(said({}, minimal) ==
        Texts{"default_acl: user::rwx,group::r-x,other::---, expected none (extra user::rwx; extra "
              "group::r-x; extra other::---)"});
}

TEST_CASE("named entries are exactly those, and the mask is what setfacl computes") {
  const Texts wanted = {"user:bob:rwx"};
  CHECK(status(wanted, directory()) == Status::violation);
  CHECK(status(wanted, with({"user::rwx", "user:1001:rwx", "group::r-x", "mask::rwx",
                             "other::r-x"})) == Status::pass);
  CHECK(status(wanted, with({"user::rwx", "user:1001:rw-", "group::r-x", "mask::rwx",
                             "other::r-x"})) == Status::violation);
  CHECK(status(wanted, with({"user::rwx", "user:1001:rwx", "group::r-x", "mask::r-x",
                             "other::r-x"})) == Status::violation);
  CHECK(status(wanted, with({"user::rwx", "user:1001:rwx", "user:7:r--", "group::r-x", "mask::rwx",
                             "other::r-x"})) == Status::violation);
  CHECK(status({"user:bob:r", "user:robert:r"}, with({"user::rwx", "user:1001:r--", "group::r-x",
                                                      "mask::r-x", "other::r-x"})) == Status::pass);
}

TEST_CASE("base entries are compared where the rule names them, and left alone else") {
  const Texts minimal = {"user::rwx", "group::r-x", "other::---"};
  CHECK(status(minimal, with({"user::rwx", "group::r-x", "other::---"})) == Status::pass);
  CHECK(status(minimal, with({"user::rwx", "group::r-x", "other::r--"})) == Status::violation);
  CHECK(status({"other::---"}, with({"user::rwx", "group::rwx", "other::---"})) == Status::pass);
  CHECK(status({"other::---"}, directory(0750)) == Status::violation);
  // Without a named entry there is no mask.
  CHECK(status(minimal, with({"user::rwx", "group::r-x", "mask::r-x", "other::---"})) ==
        Status::violation);
  CHECK(status({"mask::r-x"}, with({"user::rwx", "group::r-x", "mask::r-x", "other::---"})) ==
        Status::pass);
}

TEST_CASE("a mask that comes out empty is an error, read from the access ACL where there is none") {
  const Texts denies = {"user:bob:---"};
  const Texts wide = {"user::rwx", "user:1001:---", "group::r-x", "mask::r-x", "other::---"};
  CHECK(status(denies, with(wide)) == Status::pass);
  CHECK(status(denies, with({"user::rwx", "user:1001:---", "group::---", "mask::---",
                             "other::---"})) == Status::error);
  CHECK(status(denies, directory(0705)) == Status::error);
  CHECK(status(denies, directory(0755)) == Status::violation);
  // The group bits of a mode with an ACL are the mask; the owning group has nothing.
  CHECK(status(denies, directory().acl({"user::rwx", "user:1001:r-x", "group::---", "mask::r-x",
                                        "other::---"})) == Status::error);
  CHECK(
      said(denies, directory(0705)) ==
      Texts{"default_acl error: none, expected user:bob:--- (the mask of such an ACL comes out as "
            "---, and the kernel would not look at it; write mask::r--)"});
}

TEST_CASE("a default ACL that cannot be read, or kept, or is of nobody known is not in policy") {
  const Seen unread = directory().default_acl_not_there(Read::unreadable, EIO);
  CHECK(status({}, unread) == Status::error);
  CHECK(said({}, unread) == Texts{"default_acl error: unknown, expected none (the ACL could not be "
                                  "read: Input/output error)"});
  CHECK(status({"other::---"}, directory().default_acl_not_there(Read::unsupported)) ==
        Status::error);
  CHECK(said({"user:ghost:r"}, directory()) ==
        Texts{"default_acl error: none, expected user:ghost:r-- (there is no user 'ghost')"});
}

TEST_CASE("what differs is said entry by entry, and the mask where nothing else does") {
  CHECK(said({"user:bob:rwx", "other::---"}, with({"user::rwx", "user:1001:r-x", "user:7:r--",
                                                   "group::r-x", "mask::rwx", "other::r-x"})) ==
        Texts{"default_acl: user:7:r--,user:bob:r-x,other::r-x, expected user:bob:rwx,other::--- "
              "(extra user:7:r--; user:bob: has r-x, not rwx; other:: has r-x, not ---)"});
  CHECK(said({"user:bob:rwx"},
             with({"user::rwx", "user:1001:rwx", "group::r-x", "mask::r-x", "other::---"})) ==
        Texts{"default_acl: user:bob:rwx,mask::r-x, expected user:bob:rwx,mask::rwx (mask:: has "
              "r-x, not rwx)"});
  CHECK(said({"user:bob:rwx"}, directory()) ==
        Texts{"default_acl: none, expected user:bob:rwx (missing user:bob:rwx)"});
}

}  // namespace
}  // namespace permward
