// SPDX-License-Identifier: Apache-2.0
// `any_of`: one alternative is to hold whole.
#include "decide/compare.hpp"
#include "decide/conflict.hpp"
#include "support/catch.hpp"
#include "support/observations.hpp"
#include "support/policies.hpp"
#include "support/verdicts.hpp"

#include <cerrno>
#include <string>
#include <vector>

namespace permward {
namespace {

using test::acl;
using test::at_least;
using test::at_most;
using test::complaints;
using test::exact;
using test::on;
using test::policy_of;
using test::RuleSpec;
using test::Seen;
using test::seen;
using test::symbolic;
using test::Texts;

Seen file(unsigned mode) { return seen(Type::file).mode(mode); }

Texts said(const std::vector<RuleSpec>& rules, const Observed& observed) {
  return complaints(policy_of(rules), "/x", observed);
}

// root's 0644, or bob's 0600.
RuleSpec two() {
  return on("/x")
      .alternative(on("").owner({"root"}).mode(exact(0644)))
      .alternative(on("").owner({"bob"}).mode(exact(0600)));
}

TEST_CASE("one alternative that holds whole is enough, and a half of each is not") {
  CHECK(said({two()}, file(0644)).empty());
  CHECK(said({two()}, file(0600).owner(1001)).empty());
  CHECK(
      said({two()}, file(0600)) ==
      Texts{"r0 mode: 0600, expected 0644 (group may not read; others may not read; none of the 2 "
            "alternatives holds)"});
  CHECK(said({two()}, file(0640).owner(7)) ==
        Texts{"r0 owner: 7, expected root (none of the 2 alternatives holds)",
              "r0 mode: 0640, expected 0644 (others may not read; none of the 2 alternatives "
              "holds)"});
}

TEST_CASE("what a stronger rule decides is left out, and an alternative with nothing left holds") {
  const RuleSpec tree = on("/")
                            .recursive()
                            .alternative(on("").owner({"root"}).mode(exact(0644)))
                            .alternative(on("").mode(exact(0600)));
  CHECK(said({tree}, file(0640)).size() == 1);
  // The literal rule decides the whole mode: nothing is left of the second.
  CHECK(said({tree, on("/x").mode(at_most(0777))}, file(0640).owner(7)).empty());
  // Some bits of it: the others are compared.
  CHECK(said({tree, on("/x").mode(symbolic("g-w"))}, file(0640).owner(7)).size() == 2);
}

TEST_CASE("alternatives silence weaker rules in what any of them speaks of") {
  const RuleSpec tree = on("/").recursive().owner({"daemon"}).group({"adm"}).mode(exact(0755));
  const Texts lines = said({tree, two()}, file(0644));
  CHECK(lines == Texts{"r0 group: root, expected adm"});
}

TEST_CASE("a type that has nothing of an alternative meets it") {
  const RuleSpec rule = on("/*")
                            .alternative(on("").want(Aspect::links, LinksWant{1}))
                            .alternative(on("").owner({"bob"}));
  CHECK(said({rule}, seen(Type::directory).links(3)).empty());
  CHECK(said({rule}, seen(Type::file).links(3)).size() == 1);
  CHECK(said({rule}, seen(Type::file).links(3).owner(1001)).empty());
}

// A link to y, or a file of bob's.
RuleSpec link_or_file() {
  RuleSpec rule = on("/x").type(TypeSet{Type::symlink, Type::file});
  rule.alternative(on("")
                       .want(Aspect::type, TypeWant{Type::symlink, true})
                       .want(Aspect::target, TargetWant{{"y"}}));
  rule.alternative(on("").want(Aspect::type, TypeWant{Type::file, true}).owner({"bob"}));
  return rule;
}

TEST_CASE("an alternative of another type is not met, and not what is told") {
  CHECK(said({link_or_file()}, file(0644)) ==
        Texts{"r0 owner: root, expected bob (none of the 2 alternatives holds)"});
  CHECK(said({link_or_file()}, file(0644).owner(1001)).empty());
  CHECK(said({link_or_file()}, seen(Type::symlink).target("z")) ==
        Texts{"r0 target: z, expected y (none of the 2 alternatives holds)"});
  CHECK(said({link_or_file()}, seen(Type::symlink).target("y")).empty());
  // Of a type that none is of, one is told, and nothing but its type.
  RuleSpec any = link_or_file();
  any.type(TypeSet::all_present());
  CHECK(said({any}, seen(Type::directory)) ==
        Texts{"r0 type: directory, expected symlink (none of the 2 alternatives holds)"});
}

TEST_CASE("an alternative by itself is not told as one of several") {
  CHECK(said({on("/x").alternative(on("").owner({"bob"}))}, file(0644)) ==
        Texts{"r0 owner: root, expected bob"});
}

TEST_CASE("a mode outright speaks of base entries where some alternative decides the ACL") {
  const Seen one =
      seen(Type::file).acl({"user::rw-", "user:1001:r--", "group::---", "mask::r--", "other::---"});
  const RuleSpec rule = on("/*")
                            .mode(exact(0600))
                            .alternative(on("").acl(acl({"user:bob:r"})))
                            .alternative(on("").owner({"bob"}));
  CHECK(said({rule}, one).empty());
  CHECK(said({rule}, Seen(one).owner(1001)).empty());
  CHECK(said({rule}, file(0640).owner(1001)).size() == 1);
  // What a stronger rule leaves of it decides no ACL: stat(2) shows 0640.
  const RuleSpec owned = on("/x").owner({"root"});
  CHECK(said({rule, owned}, one).size() == 1);
}

TEST_CASE("a mode in an alternative of one rule speaks of base entries beside another's ACL") {
  const Seen one =
      seen(Type::file).acl({"user::rw-", "user:1001:r--", "group::---", "mask::r--", "other::---"});
  const RuleSpec modes =
      on("/x").alternative(on("").mode(exact(0600))).alternative(on("").mode(exact(0400)));
  const RuleSpec acls = on("/*")
                            .alternative(on("").acl(acl({"user:bob:r"})))
                            .alternative(on("").acl(acl({"user:bob:rw"})));
  CHECK(said({acls, modes}, one).empty());
}

TEST_CASE("where an alternative could hold and was not verified, it is an error") {
  const RuleSpec rule =
      on("/x").alternative(on("").mode(exact(0600))).alternative(on("").acl(acl({})));
  CHECK(said({rule}, file(0644).acl_unreadable(EIO)) ==
        Texts{"r0 mode error: 0644, expected 0600 (group may read; others may read; another "
              "alternative could not be verified; none of the 2 alternatives is known to hold)"});
  CHECK(said({rule}, file(0600).acl_unreadable(EIO)).empty());
  CHECK(said({rule}, file(0644)).empty());
}

TEST_CASE("a mode speaks of base entries only beside an ACL of its own alternative") {
  const Seen one =
      seen(Type::file).acl({"user::rw-", "user:1001:r--", "group::---", "mask::r--", "other::---"});
  const RuleSpec beside = on("/x")
                              .alternative(on("").mode(exact(0600)).acl(acl({"user:bob:r"})))
                              .alternative(on("").owner({"bob"}));
  const RuleSpec apart = on("/x")
                             .alternative(on("").mode(exact(0600)))
                             .alternative(on("").owner({"bob"}).acl(acl({})));
  CHECK(said({beside}, one).empty());
  CHECK(said({apart}, one).size() == 1);  // stat(2) shows 0640
}

TEST_CASE("X beside an alternative reads the mode as all of it leaves it") {
  const RuleSpec rule = on("/x").mode(symbolic("u+x")).alternative(on("").mode(symbolic("g+X")));
  CHECK(said({rule}, file(0750)).empty());
  CHECK(said({rule}, file(0740)).size() == 1);
}

TEST_CASE("passes are those of the alternative that holds") {
  const Policy policy = policy_of({two()});
  CHECK(test::verdicts(policy, "/x", file(0600).owner(1001)) ==
        Texts{"r0 presence pass", "r0 type pass", "r0 owner pass", "r0 mode pass"});
}

TEST_CASE("rules on one path contradict each other where no alternative holds beside the other") {
  const auto clash = [](const std::vector<RuleSpec>& rules) {
    const Policy policy = policy_of(rules);
    return conflicts(policy, targets_as_written(policy)).size();
  };
  CHECK(clash({two(), on("/x").owner({"bob"})}) == 0);
  CHECK(clash({two(), on("/x").owner({"daemon"})}) == 1);
  CHECK(clash({two(), on("/x").owner({"root"}).mode(at_most(0600))}) == 1);
  CHECK(clash({two(), two()}) == 0);
  CHECK(clash({two(), on("/x").alternative(on("").owner({"root"}).mode(exact(0600)))}) == 1);
  CHECK(clash({two().owner({"root", "bob"})}) == 0);
  CHECK(clash({two().owner({"daemon"})}) == 1);
  // A file can only be as the second one wants it.
  CHECK(clash({link_or_file(), on("/x").type(Type::file).owner({"bob"})}) == 0);
  CHECK(clash({link_or_file(), on("/x").type(Type::file).owner({"root"})}) == 1);
  CHECK(clash({link_or_file().owner({"daemon"})}) == 1);
  // Of a recursion the type is that of its top, and a symlink may lie below.
  const RuleSpec tree = on("/x").recursive().alternative(on("").owner({"root"}));
  CHECK(clash({tree, on("/x").recursive().type(Type::symlink).owner({"bob"})}) == 1);
  // What a directory has nothing of holds for it.
  const RuleSpec links = on("/x")
                             .alternative(on("").want(Aspect::links, LinksWant{1}))
                             .alternative(on("").owner({"bob"}));
  CHECK(clash({links, on("/x").type(Type::directory).owner({"root"})}) == 0);
}

TEST_CASE("an alternative that its own rule leaves impossible does not make two rules agree") {
  const auto clash = [](const std::vector<RuleSpec>& rules) {
    const Policy policy = policy_of(rules);
    return conflicts(policy, targets_as_written(policy)).size();
  };
  // Of `two` only root's 0644 is left by the mode beside it.
  const RuleSpec roots = two().mode(at_least(0044));
  CHECK(clash({roots}) == 0);
  CHECK(clash({roots, on("/x").owner({"root"})}) == 0);
  CHECK(clash({roots, on("/x").owner({"bob"})}) == 1);
  CHECK(clash({on("/x").owner({"bob"}), roots}) == 1);
}

TEST_CASE("what alternatives ask for is read, and entries of each are counted") {
  const RuleSpec rule = on("/x")
                            .alternative(on("").want(Aspect::entries, EntriesWant{}))
                            .alternative(on("").acl(acl({})));
  const Policy policy = policy_of({rule});
  test::Walk walk(policy);
  const FacetSet asks = walk.demand("/x", Type::directory).asks;
  CHECK(asks.has(Facet::entries));
  CHECK(asks.has(Facet::acl));
  test::Walk unselected(policy, {}, {}, {false});
  CHECK(unselected.demand("/x", Type::directory).empty());
}

}  // namespace
}  // namespace permward
