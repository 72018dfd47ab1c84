// SPDX-License-Identifier: Apache-2.0
#include "decide/wanted.hpp"

#include "decide/plan.hpp"
#include "support/catch.hpp"
#include "support/observations.hpp"
#include "support/policies.hpp"
#include "support/states.hpp"
#include "support/verdicts.hpp"

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
using test::at_least;
using test::at_most;
using test::between;
using test::exact;
using test::on;
using test::RuleSpec;
using test::Seen;
using test::seen;
using test::symbolic;
using test::Texts;

constexpr std::uint32_t bob = 1001;
constexpr std::uint32_t carol = 1002;
constexpr std::uint32_t web = 33;
constexpr AttributeSet immutable = Attribute::immutable;
constexpr AttributeSet append_only = Attribute::append_only;
const FileCapabilities chown_caps{1U << 0, 0, true, 0};
const FileCapabilities kill_caps{1U << 5, 0, true, 0};

Seen file(unsigned mode) { return seen(Type::file).mode(mode).capabilities({}); }
Seen directory(unsigned mode) { return seen(Type::directory).mode(mode); }
Seen with(const Texts& entries) { return file(0).acl(entries); }

// By all that is decided, what cannot be told included.
ObjectState corrected(const Policy& policy, const Observed& observed) {
  test::Walk walk(policy);
  const Demand& demand = walk.demand("/x", observed.type);
  return wanted(policy, observed, judge_all(policy, demand, observed));
}

struct Case {
  std::string what;
  std::vector<RuleSpec> rules;
  Seen now;
  Seen wanted;
};

void check(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    INFO(one.what);
    CHECK(test::text_of(corrected(test::policy_of(one.rules), one.now)) ==
          test::text_of(state_of(one.wanted)));
  }
}

RuleSpec x() { return on("/x"); }

// --- Owner and group ---

TEST_CASE("the first of a list becomes the owner, unless any of them is") {
  check({
      {"the first", {x().owner({"root", "bob"})}, file(0644).owner(carol), file(0644)},
      {"in the order of the policy",
       {x().owner({"bob", "root"})},
       file(0644).owner(carol),
       file(0644).owner(bob)},
      {"any of them is fine",
       {x().owner({"root", "bob"})},
       file(0644).owner(bob),
       file(0644).owner(bob)},
      {"the group", {x().group({"web", "root"})}, file(0644).group(4), file(0644).group(web)},
      {"both, each for itself",
       {x().owner({"root"}).group({"root"})},
       file(0644).owner(bob),
       file(0644)},
      {"of two rules the first that both accept",
       {x().owner({"root", "bob", "carol"}), x().owner({"carol", "bob"})},
       file(0644).owner(1),
       file(0644).owner(bob)},
      {"where one holds and the other does not",
       {x().owner({"root", "bob"}), x().owner({"bob", "carol"})},
       file(0644),
       file(0644).owner(bob)},
      {"a symlink's",
       {x().type(Type::symlink).owner({"bob"})},
       seen(Type::symlink).mode(0777),
       seen(Type::symlink).mode(0777).owner(bob)},
      {"an account that nobody knows",
       {x().owner({"ghost"})},
       file(0644).owner(carol),
       file(0644).owner(carol)},
  });
}

TEST_CASE("that an owner has an account is never corrected") {
  IdWant known;
  known.known = true;
  check({{"known",
          {x().want(Aspect::owner, known)},
          file(0644).owner(7).owner_account({Read::value, 0, false}),
          file(0644).owner(7)}});
}

TEST_CASE("set-id bits and capabilities go with the owner, but for those that are demanded") {
  const auto owner = [] { return x().owner({"root"}); };
  const auto bobs = [](unsigned mode) { return file(mode).owner(bob); };
  check({
      {"no rule on the mode", {owner()}, bobs(06755), file(0755)},
      {"with the group", {x().group({"web"})}, file(06755), file(0755).group(web)},
      {"at most demands nothing", {owner().mode(at_most(06755))}, bobs(06755), file(0755)},
      {"exact", {owner().mode(exact(04755))}, bobs(06755), file(04755)},
      {"at least", {owner().mode(at_least(02000))}, bobs(06755), file(02755)},
      {"symbolic", {owner().mode(symbolic("u+s"))}, bobs(06755), file(04755)},
      {"one that says nothing of them", {owner().mode(symbolic("o-w"))}, bobs(04757), file(0755)},
      {"without x of the group", {owner()}, bobs(02644), file(0644)},
      {"the owner stays", {owner().mode(at_most(06750))}, file(06755), file(06750)},
      {"a directory keeps its bits", {owner()}, directory(02775).owner(bob), directory(02775)},
      {"capabilities", {owner()}, bobs(0755).capabilities(chown_caps), file(0755)},
      {"that are demanded",
       {owner().want(Aspect::capabilities, CapabilitiesWant{chown_caps})},
       bobs(0755).capabilities(chown_caps),
       file(0755).capabilities(chown_caps)},
      {"of which none is demanded",
       {owner().want(Aspect::capabilities, CapabilitiesWant{})},
       bobs(0755).capabilities(chown_caps),
       file(0755)},
      {"the owner being right",
       {owner()},
       file(04755).capabilities(chown_caps),
       file(04755).capabilities(chown_caps)},
  });
}

// --- Modes ---

TEST_CASE("an exact mode is all twelve bits, on directories too") {
  check({
      {"a file", {x().mode(exact(0640))}, file(07777), file(0640)},
      {"a directory", {x().mode(exact(0755))}, directory(02755), directory(0755)},
      {"on", {x().mode(exact(04755))}, file(0), file(04755)},
  });
}

TEST_CASE("bounds drop and add just the bits that are wrong") {
  check({
      {"at most", {x().mode(at_most(0640))}, file(0606), file(0600)},
      {"compared bit by bit", {x().mode(at_most(0640))}, file(0577), file(0440)},
      {"at least", {x().mode(at_least(0440))}, file(0204), file(0644)},
      {"both", {x().mode(between(0400, 0640))}, file(0177), file(0440)},
      {"set-id and sticky bits", {x().mode(at_most(0755))}, file(07755), file(0755)},
  });
}

TEST_CASE("symbolic clauses touch only what they name") {
  check({
      {"o-w", {x().mode(symbolic("o-w"))}, file(06777), file(06775)},
      {"u=rw,go=", {x().mode(symbolic("u=rw,go="))}, file(0755), file(0600)},
      {"a+X where somebody executes", {x().mode(symbolic("a+X"))}, file(0744), file(0755)},
      {"a+X where nobody does", {x().mode(symbolic("a+X,o-w"))}, file(0646), file(0644)},
      {"a+X of a directory", {x().mode(symbolic("a+X"))}, directory(0644), directory(0755)},
      {"a directory's set-id bits stay",
       {x().mode(symbolic("g=rx"))},
       directory(02770),
       directory(02750)},
      {"unless they are named", {x().mode(symbolic("g-s"))}, directory(02770), directory(0770)},
      {"`X` sees what another rule sets",
       {x().mode(symbolic("a+X")), x().mode(symbolic("u+x"))},
       file(0644),
       file(0755)},
  });
}

TEST_CASE("each rule decides its own bits") {
  check({
      {"a literal one beside a tree's",
       {on("/").recursive().mode(at_most(0644)), x().mode(at_least(0400))},
       file(0277),
       file(0644)},
      {"two over the tree",
       {on("/").recursive().mode(symbolic("o-w")), on("/").recursive().mode(symbolic("ug-s"))},
       file(06777),
       file(0775)},
  });
}

TEST_CASE("where no rule speaks of the ACL a mode is what stat shows, and moves the mask") {
  const Texts now = {"user::rw-", "user:1001:rw-", "group::r-x", "mask::rwx", "other::r--"};
  check({
      {"exact",
       {x().mode(exact(0640))},
       with(now),
       with({"user::rw-", "user:1001:rw-", "group::r-x", "mask::r--", "other::---"})},
      {"at most",
       {x().mode(at_most(0750))},
       with(now),
       with({"user::rw-", "user:1001:rw-", "group::r-x", "mask::r-x", "other::---"})},
      {"in policy by what stat shows",
       {x().mode(at_most(0674))},
       with(now),
       with({"user::rw-", "user:1001:rw-", "group::r-x", "mask::rwx", "other::r--"})},
  });
}

TEST_CASE("where a rule speaks of the ACL too a mode is that of the base entries") {
  const RuleSpec both = x().mode(exact(0640)).acl(acl({"user:bob:rw"}));
  const Seen right = with({"user::rw-", "user:1001:rw-", "group::r--", "mask::rw-", "other::---"});
  check({
      {"the example of the manual", {both}, file(0644), right},
      {"is in policy, though stat shows 0660", {both}, right, right},
      {"the group alone is wrong",
       {both},
       with({"user::rw-", "user:1001:rw-", "group::rw-", "mask::rw-", "other::---"}),
       right},
      {"only the mask is",
       {both},
       with({"user::rw-", "user:1001:rw-", "group::r--", "mask::r--", "other::---"}),
       right},
      {"at most is of what the group has in effect",
       {x().mode(at_most(0640)).acl(acl_at_most({"user:bob:rw"}))},
       with({"user::rw-", "user:1001:rw-", "group::rw-", "mask::r--", "other::---"}),
       with({"user::rw-", "user:1001:rw-", "group::rw-", "mask::r--", "other::---"})},
      {"and takes it where it is more",
       {x().mode(at_most(0640)).acl(acl_at_most({"user:bob:rw"}))},
       with({"user::rw-", "user:1001:rw-", "group::rwx", "mask::rw-", "other::---"}),
       with({"user::rw-", "user:1001:rw-", "group::r--", "mask::rw-", "other::---"})},
      {"at least lets the group through the mask, and nobody else",
       {x().mode(at_least(0060)).acl(acl_at_most({"user:bob:rwx", "user:carol:rwx"}))},
       with({"user::rw-", "user:1001:rwx", "user:1002:r--", "group::r--", "mask::r--",
             "other::---"}),
       with({"user::rw-", "user:1001:r--", "user:1002:r--", "group::rw-", "mask::rw-",
             "other::---"})},
      {"the other bits leave the group and the mask",
       {x().mode(symbolic("o-r")).acl(acl_at_most({"user:bob:rwx"}))},
       with({"user::rw-", "user:1001:rwx", "group::rwx", "mask::r--", "other::r--"}),
       with({"user::rw-", "user:1001:rwx", "group::rwx", "mask::r--", "other::---"})},
  });
}

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

// --- Attributes, capabilities, targets ---

TEST_CASE("attributes are set and cleared as they are named, and only those that are known") {
  const auto attributes = [](AttributeSet set, AttributeSet clear) {
    return std::vector<RuleSpec>{x().want(Aspect::attributes, AttributesWant{set, clear})};
  };
  const AttributeSet sync = Attribute::sync;
  check({
      {"set", attributes(immutable, {}), file(0644).attributes(sync),
       file(0644).attributes(sync | immutable)},
      {"cleared", attributes({}, immutable), file(0644).attributes(sync | immutable),
       file(0644).attributes(sync)},
      {"both", attributes(append_only, immutable), file(0644).attributes(immutable),
       file(0644).attributes(append_only)},
      {"one that the file system does not keep is not set", attributes(sync, immutable),
       file(0644).attributes(immutable, attributes_in_status),
       file(0644).attributes({}, attributes_in_status)},
  });
}

TEST_CASE("capabilities and targets are those that are written") {
  const auto caps = [](std::optional<FileCapabilities> value) {
    return std::vector<RuleSpec>{x().want(Aspect::capabilities, CapabilitiesWant{value})};
  };
  check({
      {"set", caps(kill_caps), file(0755), file(0755).capabilities(kill_caps)},
      {"others", caps(kill_caps), file(0755).capabilities(chown_caps),
       file(0755).capabilities(kill_caps)},
      {"none", caps({}), file(0755).capabilities(FileCapabilities{}), file(0755)},
      {"the first target",
       {x().type(Type::symlink).want(Aspect::target, TargetWant{{"a", "b"}})},
       seen(Type::symlink).mode(0777).target("c"),
       seen(Type::symlink).mode(0777).target("a")},
      {"any of them is fine",
       {x().type(Type::symlink).want(Aspect::target, TargetWant{{"a", "b"}})},
       seen(Type::symlink).mode(0777).target("b"),
       seen(Type::symlink).mode(0777).target("b")},
  });
}

// --- What was not read, and what is not spoken of ---

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

TEST_CASE("what no rule speaks of stays") {
  const AttributeSet some = AttributeSet(Attribute::no_dump) | Attribute::sync;
  const auto everything = [some](unsigned mode) {
    return file(mode).owner(bob).group(web).capabilities(kill_caps).attributes(some);
  };
  const Texts entries = {"user::rw-", "user:7:rwx", "group::r--", "mask::rwx", "other::---"};
  check({
      {"nothing is violated", {x().mode(at_most(07777))}, everything(06755), everything(06755)},
      {"by a chmod", {x().mode(exact(0700))}, everything(06755), everything(0700)},
      {"by an attribute",
       {x().want(Aspect::attributes, AttributesWant{{}, Attribute::sync})},
       everything(04755),
       file(04755).owner(bob).group(web).capabilities(kill_caps).attributes(Attribute::no_dump)},
      {"a default ACL",
       {x().mode(exact(0700))},
       directory(0755).default_acl(entries),
       directory(0700).default_acl(entries)},
      {"an ACL, by a new owner", {x().owner({"root"})}, with(entries).owner(bob), with(entries)},
  });
}

TEST_CASE("what must have been read before anything is planned") {
  CHECK(facets_to_plan(Type::file) == (FacetSet(Facet::acl) | Facet::capabilities));
  CHECK(facets_to_plan(Type::directory) == FacetSet(Facet::acl));
  CHECK(facets_to_plan(Type::fifo) == FacetSet(Facet::acl));
  CHECK(facets_to_plan(Type::symlink) == FacetSet(Facet::target));
  CHECK(facets_to_plan(Type::absent).empty());
}

TEST_CASE("how a clause comes out is told of a state") {
  const Policy policy = test::policy_of({x().owner({"root"}).mode(exact(0640))});
  test::Walk walk(policy);
  const Seen now = file(0644).owner(bob);
  const auto judged = judge_all(policy, walk.demand("/x", Type::file), now);
  const auto says = [&](Aspect aspect, const ObjectState& state) {
    for (const Judged& one : judged) {
      if (one.decided->clause->aspect == aspect) return judge_in_state(policy, one, now, state);
    }
    return Status::error;
  };
  CHECK(says(Aspect::owner, state_of(now)) == Status::violation);
  CHECK(says(Aspect::mode, state_of(now)) == Status::violation);
  const ObjectState half = state_of(file(0640).owner(bob));
  CHECK(says(Aspect::owner, half) == Status::violation);
  CHECK(says(Aspect::mode, half) == Status::pass);
  CHECK(says(Aspect::owner, state_of(file(0640))) == Status::pass);
}

}  // namespace
}  // namespace permward
