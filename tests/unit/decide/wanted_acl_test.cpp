// SPDX-License-Identifier: Apache-2.0
// ACLs and default ACLs as rules want them, and objects that are left alone since their ACL, or
// what else depends on it, was not read.
#include "decide/plan.hpp"
#include "decide/wanted.hpp"
#include "support/catch.hpp"
#include "support/observations.hpp"
#include "support/policies.hpp"
#include "support/states.hpp"
#include "wanted_support.hpp"

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

namespace permward {
namespace {

using test::acl;
using test::acl_at_least;
using test::acl_at_most;
using test::acl_between;
using test::exact;
using test::RuleSpec;
using test::Seen;
using test::symbolic;
using test::Texts;
using test::correcting::bob;
using test::correcting::check;
using test::correcting::corrected;
using test::correcting::directory;
using test::correcting::file;
using test::correcting::immutable;
using test::correcting::with;
using test::correcting::x;

// --- ACLs ---

TEST_CASE("an exact ACL is these named entries and no others, with the mask of setfacl") {
  check({
      {"added, in the order of acl(5)",
       {x().acl(acl({"user:carol:r", "user:bob:w", "group:web:x"}))},
       file(0640),
       with({"user::rw-", "user:1001:-w-", "user:1002:r--", "group::r--", "group:33:--x",
             "mask::rwx", "other::---"})},
      {"the others go",
       {x().acl(acl({"user:bob:r"}))},
       with({"user::rw-", "user:1001:rwx", "user:1002:rwx", "group::r--", "mask::rwx",
             "other::---"}),
       with({"user::rw-", "user:1001:r--", "group::r--", "mask::r--", "other::---"})},
      {"with the mask that is stated",
       {x().acl(acl({"user:bob:rw", "mask::r"}))},
       file(0640),
       with({"user::rw-", "user:1001:rw-", "group::r--", "mask::r--", "other::---"})},
      {"a mask alone",
       {x().acl(acl({"mask::r"}))},
       file(0660),
       with({"user::rw-", "group::rw-", "mask::r--", "other::---"})},
      {"two names of one account are one entry",
       {x().acl(acl({"user:bob:r", "user:robert:r"}))},
       file(0640),
       with({"user::rw-", "user:1001:r--", "group::r--", "mask::r--", "other::---"})},
      {"`X` where somebody executes",
       {x().acl(acl({"user:bob:rX"}))},
       file(0740),
       with({"user::rwx", "user:1001:r-x", "group::r--", "mask::r-x", "other::---"})},
      {"`X` where nobody does",
       {x().acl(acl({"user:bob:rX"}))},
       file(0640),
       with({"user::rw-", "user:1001:r--", "group::r--", "mask::r--", "other::---"})},
      {"`X` where the mode is to let somebody",
       {x().mode(exact(0750)).acl(acl({"user:bob:rX"}))},
       file(0640),
       with({"user::rwx", "user:1001:r-x", "group::r-x", "mask::r-x", "other::---"})},
  });
}

TEST_CASE("without a mode the base keeps what it has in effect, and never more") {
  check({
      // As setfacl -b does it.
      {"an empty list",
       {x().acl(acl({}))},
       with({"user::rw-", "group::rwx", "mask::r--", "other::---"}),
       file(0640)},
      {"with named entries",
       {x().acl(acl({}))},
       with({"user::rw-", "user:1001:rwx", "group::---", "mask::rwx", "other::r--"}),
       file(0604)},
      {"other entries",
       {x().acl(acl({"user:bob:rw"}))},
       with({"user::rw-", "user:1002:rw-", "group::rwx", "mask::r--", "other::---"}),
       with({"user::rw-", "user:1001:rw-", "group::r--", "mask::rw-", "other::---"})},
      {"set-id bits stay",
       {x().acl(acl({}))},
       file(06000).acl({"user::rwx", "group::r-x", "mask::rwx", "other::---"}),
       file(06750)},
  });
}

TEST_CASE("at most removes what is not listed, and cuts what has more") {
  const std::vector<RuleSpec> rule = {x().acl(acl_at_most({"user:bob:r", "mask::rx"}))};
  const std::vector<RuleSpec> nobody = {x().acl(acl_at_most({}))};
  check({
      {"cut", rule, with({"user::rw-", "user:1001:rw-", "group::r--", "mask::r--", "other::---"}),
       with({"user::rw-", "user:1001:r--", "group::r--", "mask::r--", "other::---"})},
      {"removed", rule,
       with({"user::rw-", "user:1001:r--", "user:1002:r--", "group::r--", "group:33:rwx",
             "mask::r--", "other::---"}),
       with({"user::rw-", "user:1001:r--", "group::r--", "mask::r--", "other::---"})},
      {"as they stand, before the mask", rule,
       with({"user::rw-", "user:1001:rw-", "group::r--", "mask::r--", "other::---"}),
       with({"user::rw-", "user:1001:r--", "group::r--", "mask::r--", "other::---"})},
      {"without a right it is fine", rule,
       with({"user::rw-", "user:1002:---", "group::r--", "mask::r--", "other::---"}),
       with({"user::rw-", "user:1002:---", "group::r--", "mask::r--", "other::---"})},
      {"the mask", rule,
       with({"user::rw-", "user:1001:r--", "group::r--", "mask::rwx", "other::---"}),
       with({"user::rw-", "user:1001:r--", "group::r--", "mask::r-x", "other::---"})},
      {"nothing is added", rule, file(0640), file(0640)},
      {"the last of them takes the mask with it", nobody,
       with({"user::rw-", "user:1001:rw-", "group::rw-", "mask::r--", "other::---"}), file(0640)},
      {"the mask of those who stay is let be", nobody,
       with({"user::rw-", "user:1001:rw-", "user:1002:---", "group::r--", "mask::rw-",
             "other::---"}),
       with({"user::rw-", "user:1002:---", "group::r--", "mask::rw-", "other::---"})},
  });
}

TEST_CASE("at least adds, and raises the mask just so far, and nobody else has more by that") {
  const std::vector<RuleSpec> rule = {x().acl(acl_at_least({"user:bob:rw"}))};
  check({
      {"to none", rule, file(0640),
       with({"user::rw-", "user:1001:rw-", "group::r--", "mask::rw-", "other::---"})},
      {"the mask of none is what the group has", rule, file(0750),
       with({"user::rwx", "user:1001:rw-", "group::r-x", "mask::rwx", "other::---"})},
      {"the rights that lack", rule,
       with({"user::rw-", "user:1001:-wx", "group::r--", "mask::rwx", "other::---"}),
       with({"user::rw-", "user:1001:rwx", "group::r--", "mask::rwx", "other::---"})},
      {"those that the mask takes, and whom it held down are written so", rule,
       with({"user::rw-", "user:1001:rwx", "user:1002:rwx", "group::rwx", "group:33:-w-",
             "mask::r--", "other::---"}),
       with({"user::rw-", "user:1001:rw-", "user:1002:r--", "group::r--", "group:33:---",
             "mask::rw-", "other::---"})},
      {"nobody is written so where the mask stays", rule,
       with({"user::rw-", "user:1002:rwx", "group::r--", "mask::rw-", "other::---"}),
       with({"user::rw-", "user:1001:rw-", "user:1002:rwx", "group::r--", "mask::rw-",
             "other::---"})},
      {"other entries stay", rule,
       with({"user::rw-", "user:1002:r--", "group::r--", "mask::r--", "other::---"}),
       with({"user::rw-", "user:1001:rw-", "user:1002:r--", "group::r--", "mask::rw-",
             "other::---"})},
      {"the mask",
       {x().acl(acl_at_least({"mask::rw"}))},
       with({"user::rw-", "user:1001:rwx", "group::r--", "mask::r--", "other::---"}),
       with({"user::rw-", "user:1001:r--", "group::r--", "mask::rw-", "other::---"})},
      {"a mask that is not there", {x().acl(acl_at_least({"mask::rw"}))}, file(0640), file(0640)},
      // He has it, and as one of the others more: an entry would take that.
      {"no right at all is no entry",
       {x().acl(acl_at_least({"user:bob:r", "user:carol:"}))},
       file(0644),
       with({"user::rw-", "user:1001:r--", "group::r--", "mask::r--", "other::r--"})},
  });
}

TEST_CASE("both bounds at once") {
  check({{"cut and raised",
          {x().acl(acl_between({"user:bob:r"}, {"user:bob:rw", "user:carol:r"}))},
          with({"user::rw-", "user:1001:-wx", "user:1002:rw-", "user:7:rwx", "group::r--",
                "mask::-w-", "other::---"}),
          with({"user::rw-", "user:1001:rw-", "user:1002:---", "group::---", "mask::rw-",
                "other::---"})}});
}

// The kernel skips it, and an entry that was to deny does not.
TEST_CASE("no ACL is written whose mask comes out empty") {
  check({{"`X` that the mode takes",
          {x().mode(exact(0600)).acl(acl({"user:bob:X"}))},
          file(0700),
          file(0600)}});
}

TEST_CASE("a mask is not cut to nothing where something is allowed, but those whom it bounds are") {
  const Seen denying = with(
      {"user::rw-", "user:1001:---", "user:1002:-w-", "group::-w-", "mask::-w-", "other::r--"});
  const Texts listed = {"user:bob:", "user:carol:w"};
  const auto bounded = [&listed](const std::string& mask) {
    Texts entries = listed;
    entries.push_back(mask);
    return std::vector<RuleSpec>{x().acl(acl_at_most(entries))};
  };
  check({
      {"another is allowed", bounded("mask::r"), denying,
       with({"user::rw-", "user:1001:---", "user:1002:---", "group::---", "mask::r--",
             "other::r--"})},
      {"none is, and so it is demanded", bounded("mask::"), denying,
       with({"user::rw-", "user:1001:---", "user:1002:-w-", "group::-w-", "mask::---",
             "other::r--"})},
  });
}

TEST_CASE("what can be told only once the mode is right is corrected with it") {
  check({{"an `X` where nobody executes yet",
          {x().mode(exact(0700)).acl(acl({"user:bob:X"}))},
          file(0600),
          with({"user::rwx", "user:1001:--x", "group::---", "mask::--x", "other::---"})}});
}

TEST_CASE("of an account that an ACL names twice one entry is written, and only if any is") {
  const Texts twice = {"user::rw-",  "user:1001:r--", "user:1001:rwx",
                       "group::r--", "mask::rwx",     "other::r--"};
  const Texts once = {"user::rw-", "user:1001:r--", "group::r--", "mask::rwx", "other::r--"};
  check({
      {"with the owner", {x().owner({"root"})}, with(twice).owner(bob), with(once)},
      {"with another entry",
       {x().acl(acl_at_least({"user:carol:r"}))},
       with(twice),
       with({"user::rw-", "user:1001:r--", "user:1002:r--", "group::r--", "mask::rwx",
             "other::r--"})},
      {"not for a chmod",
       {x().mode(symbolic("o-r"))},
       with(twice),
       with({"user::rw-", "user:1001:r--", "user:1001:rwx", "group::r--", "mask::rwx",
             "other::---"})},
      {"nor for an attribute",
       {x().want(Aspect::attributes, AttributesWant{immutable, {}})},
       with(twice).attributes({}),
       with(twice).attributes(immutable)},
  });
}

// --- Default ACLs ---

// One directory `/x`. "user:bob:rwx" names an account, "user::rwx" is a base entry.
Policy with_default(RuleSpec rule, const Texts& entries) {
  Policy policy = test::policy_of({rule.want(Aspect::default_acl, DefaultAclWant{})});
  DefaultAclWant want;
  for (const std::string& text : entries) {
    const auto permissions = test::entry("user::" + text.substr(text.rfind(':') + 1)).permissions;
    if (text.starts_with("user::")) want.user_obj = permissions;
    if (text.starts_with("group::")) want.group_obj = permissions;
    if (text.starts_with("mask::")) want.mask = permissions;
    if (text.starts_with("other::")) want.other = permissions;
    if (!text.starts_with("user:bob:")) continue;
    AclWantEntry named;
    named.permissions = permissions;
    named.account = test::account(policy, AccountKind::user, "bob");
    want.named.push_back(named);
  }
  for (Clause& clause : policy.rules[0].clauses) {
    if (clause.aspect == Aspect::default_acl) clause.want = want;
  }
  return policy;
}

std::string default_acl(RuleSpec rule, const Texts& entries, const Observed& now) {
  const Policy policy = with_default(std::move(rule), entries);
  return test::text_of(corrected(policy, now).default_acl);
}

TEST_CASE("what a default ACL does not name is taken from the access ACL as the run leaves it") {
  const Texts bob_all = {"user:bob:rwx"};
  CHECK(default_acl(x(), bob_all, directory(0750)) ==
        "user::rwx,user:1001:rwx,group::r-x,mask::rwx,other::---");
  CHECK(default_acl(x().mode(exact(0705)), bob_all, directory(0750)) ==
        "user::rwx,user:1001:rwx,group::---,mask::rwx,other::r-x");
  // Of an access ACL `group::`, and not the mask.
  CHECK(default_acl(x(), bob_all,
                    directory(0).acl(
                        {"user::rwx", "user:7:rwx", "group::r--", "mask::rwx", "other::--x"})) ==
        "user::rwx,user:1001:rwx,group::r--,mask::rwx,other::--x");
  CHECK(default_acl(x(), {"other::---"}, directory(0755)) == "user::rwx,group::r-x,other::---");
  CHECK(default_acl(x(), {"user:bob:r", "user::rwx", "group::r", "mask::r", "other::"},
                    directory(0)) == "user::rwx,user:1001:r--,group::r--,mask::r--,other::---");
}

TEST_CASE("of a default ACL that is there what is not named stays, but for named entries") {
  const Texts there = {"user::rwx", "user:7:rwx", "group::rw-", "mask::rwx", "other::r--"};
  const auto now = [&there] { return directory(0755).default_acl(there); };
  CHECK(default_acl(x(), {"user:bob:r"}, now()) ==
        "user::rwx,user:1001:r--,group::rw-,mask::rw-,other::r--");
  CHECK(default_acl(x(), {"other::---"}, now()) == "user::rwx,group::rw-,other::---");
  CHECK(default_acl(x(), {}, now()) == "none");
  CHECK(default_acl(x().mode(exact(0755)), {"user:bob:---"}, directory(0705)) ==
        "user::rwx,user:1001:---,group::r-x,mask::r-x,other::r-x");
  // The mask would be the group's, who has none any more: what is made there had no ACL.
  CHECK(default_acl(x().mode(exact(0705)), {"user:bob:---"}, directory(0755)) == "none");
  CHECK(default_acl(x(), {"mask::r"}, now()) == "user::rwx,group::rw-,mask::r--,other::r--");
}

// --- What was not read ---

TEST_CASE("what depends on something that could not be read is not touched") {
  const auto all = [] { return x().owner({"root"}).mode(exact(0600)); };
  const Seen ours = file(0644).owner(bob);
  check({
      {"the ACL: owner, group and mode move what it says",
       {all()},
       file(0644).owner(bob).acl_unreadable(EIO),
       ours},
      {"and the ACL itself", {all().acl(acl({}))}, file(0644).owner(bob).acl_unreadable(EIO), ours},
      {"attributes do not depend on it",
       {all().want(Aspect::attributes, AttributesWant{immutable, {}})},
       file(0644).owner(bob).acl_unreadable(EIO).attributes({}),
       file(0644).owner(bob).attributes(immutable)},
      {"capabilities: a chown drops them, and a chmod does not",
       {all()},
       file(0644).owner(bob).capabilities_not_there(Read::unreadable, EIO),
       file(0600).owner(bob)},
      {"where none can be kept all goes on",
       {all()},
       file(0644).owner(bob).acl_unsupported().capabilities_not_there(Read::unsupported),
       file(0600)},
      {"an attribute",
       {x().want(Aspect::attributes, AttributesWant{Attribute::sync, immutable})},
       file(0644).attributes(immutable, immutable, Read::unreadable, EACCES),
       file(0644)},
  });
}

TEST_CASE("an ACL that no kernel takes is left alone, with all that would move it") {
  for (const Texts& odd :
       {Texts{"user::rw-", "user:1002:rw-", "group::r--", "other::r--"},
        Texts{"user::rw-", "mask::r--", "other::r--"}, Texts{"group::rw-", "mask::r--"}}) {
    const Seen now = with(odd).owner(bob);
    check({
        {"owner and mode", {x().owner({"root"}).mode(exact(0600))}, now, now},
        {"the ACL", {x().acl(acl({}))}, now, now},
        {"an entry", {x().acl(acl_at_least({"user:bob:rwx"}))}, now, now},
    });
    const Policy policy = test::policy_of({x().owner({"root"}).mode(exact(0600)).acl(acl({}))});
    CHECK(plan(state_of(now), corrected(policy, now)).empty());
  }
}

}  // namespace
}  // namespace permward
