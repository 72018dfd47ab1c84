// SPDX-License-Identifier: Apache-2.0
// What rules make of owners, modes, attributes, capabilities and targets, and what stays.
// `wanted_acl_test.cpp` has the ACLs.
#include "decide/wanted.hpp"

#include "support/catch.hpp"
#include "support/observations.hpp"
#include "support/policies.hpp"
#include "support/verdicts.hpp"
#include "wanted_support.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace permward {
namespace {

using test::acl;
using test::acl_at_most;
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
using test::correcting::bob;
using test::correcting::check;
using test::correcting::directory;
using test::correcting::file;
using test::correcting::immutable;
using test::correcting::with;
using test::correcting::x;

constexpr std::uint32_t carol = 1002;
constexpr std::uint32_t web = 33;
constexpr AttributeSet append_only = Attribute::append_only;
const FileCapabilities chown_caps{1U << 0, 0, true, 0};
const FileCapabilities kill_caps{1U << 5, 0, true, 0};

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

// --- What is not spoken of, and what is asked for ---

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
