// SPDX-License-Identifier: Apache-2.0
// What a demand says of an object beside its clauses: whether it counts, what is asked of it, which
// globs it matches, and the screen that acquits it without a look at each clause.
#include "decide/demand.hpp"
#include "support/catch.hpp"
#include "support/observations.hpp"
#include "support/policies.hpp"
#include "support/verdicts.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace permward {
namespace {

using test::acl;
using test::acl_at_least;
using test::acl_at_most;
using test::at_most;
using test::decided;
using test::exact;
using test::nothing;
using test::on;
using test::on_all;
using test::policy_of;
using test::seen;
using test::symbolic;
using test::Texts;
using test::verdicts;
using test::Walk;

// --- What counts, what is asked for ---

TEST_CASE("an object counts where some rule demands something of it") {
  const Policy policy =
      policy_of({on("/a").owner({"root"}), on("/b").presence(Presence::optional),
                 on("/c").presence(Presence::forbidden), on("/d/*").presence(Presence::optional)});
  Walk walk(policy);
  REQUIRE(walk.demand("/a", Type::file).counted);
  REQUIRE(walk.absent("/a").counted);
  REQUIRE_FALSE(walk.absent("/b").counted);
  REQUIRE(walk.demand("/c", Type::file).counted);
  REQUIRE_FALSE(walk.absent("/c").counted);
  REQUIRE_FALSE(walk.demand("/d/x", Type::file).counted);
  REQUIRE_FALSE(walk.demand("/e", Type::file).counted);
  REQUIRE(walk.demand("/e", Type::file).empty());
}

TEST_CASE("of what a glob beside a literal path matches no presence is demanded") {
  const Policy policy = policy_of({on_all({"/a", "/d/*"}).owner({"root"}, Type::directory)});
  Walk walk(policy);
  REQUIRE(walk.demand("/a", Type::file).counted);
  REQUIRE(walk.absent("/a").counted);
  REQUIRE(walk.demand("/d/x", Type::directory).counted);
  REQUIRE_FALSE(walk.demand("/d/x", Type::file).counted);
}

TEST_CASE("an ACL is asked for only where one is demanded") {
  const Policy policy =
      policy_of({on("/a").recursive().mode(exact(0644)), on("/a/b").acl(acl({}))});
  Walk walk(policy);
  REQUIRE_FALSE(walk.demand("/a/c", Type::file).asks.has(Facet::acl));
  REQUIRE_FALSE(walk.demand("/a/c", Type::file).mode_is_base);
  REQUIRE(walk.demand("/a/b", Type::file).asks.has(Facet::acl));
  REQUIRE(walk.demand("/a/b", Type::file).mode_is_base);
  REQUIRE_FALSE(walk.demand("/a/b", Type::symlink).asks.has(Facet::acl));
}

TEST_CASE("a filter leaves out findings and changes nobody's word") {
  const Policy policy =
      policy_of({on("/a").recursive().owner({"root"}).group({"root"}), on("/a/b").owner({"bob"})});
  Walk walk(policy, {}, {}, {true, false});
  REQUIRE(decided(policy, walk.demand("/a/b", Type::file)) == Texts{"r0 group"});
  Walk other(policy, {}, {}, {false, true});
  REQUIRE(decided(policy, other.demand("/a/b", Type::file)) ==
          Texts{"r1 presence", "r1 type", "r1 owner"});
  REQUIRE(decided(policy, other.demand("/a/c", Type::file)).empty());
  REQUIRE_FALSE(other.demand("/a/c", Type::file).counted);
}

TEST_CASE("a rule that is left out still decides what X reads") {
  const Policy policy = policy_of({on("/a").mode(symbolic("u-x")), on("/a").mode(symbolic("g+X"))});
  Walk walk(policy, {}, {}, {false, true});
  const Demand& demand = walk.demand("/a", Type::file);
  // u-x leaves nobody who executes, and so g+X asks nothing.
  REQUIRE(acquits(demand, seen(Type::file).mode(0644)));
  REQUIRE(demand.screen.mode.parts == 0110);
}

TEST_CASE("a glob that requires a match is told of each") {
  const Policy policy = policy_of({on("/etc/*.conf").presence(Presence::required).owner({"root"}),
                                   on("/etc/a*").owner({"root"})});
  Walk walk(policy);
  REQUIRE(walk.demand("/etc/a.conf", Type::file).matched_globs == std::vector<std::uint32_t>{0});
  REQUIRE(walk.demand("/etc/ab", Type::file).matched_globs.empty());
}

TEST_CASE("an object that two globs of one rule match is a match of both") {
  const Policy policy =
      policy_of({on_all({"/etc/*.conf", "/etc/a*"}).presence(Presence::required)});
  Walk walk(policy);
  std::vector<std::uint32_t> matched = walk.demand("/etc/a.conf", Type::file).matched_globs;
  std::sort(matched.begin(), matched.end());
  REQUIRE(matched == std::vector<std::uint32_t>{0, 1});
  // It has one verdict all the same.
  REQUIRE(verdicts(policy, "/etc/a.conf", seen(Type::file)) == Texts{"r0 presence pass"});
}

TEST_CASE("one glob that links write twice matches in both") {
  // `/bin/*` and `/usr/bin/*` where `/bin` leads to `/usr/bin`.
  const Policy policy =
      policy_of({on_all({"/bin/s*", "/usr/bin/s*"}).presence(Presence::required).owner({"root"})});
  std::vector<Target> targets = targets_as_written(policy);
  targets[0].head = targets[1].head;
  const Mounts mounts;
  const Machine machine(policy, targets, mounts, {}, {});
  Steps steps(machine, test::ample);
  Steps::Place place = steps.place(steps.root());
  bool stopped = false;
  for (const char* name : {"usr", "bin", "su"}) place = steps.step(place, name, stopped);
  const Demand& demand = steps.demand(place, Type::file);
  std::vector<std::uint32_t> matched = demand.matched_globs;
  std::sort(matched.begin(), matched.end());
  REQUIRE(matched == std::vector<std::uint32_t>{0, 1});
  REQUIRE(decided(policy, demand) == Texts{"r0 presence", "r0 owner"});
}

TEST_CASE("a glob is told only of matches of the types that it selects") {
  const Policy policy = policy_of({on("/etc/*").type(Type::file).presence(Presence::required)});
  Walk walk(policy);
  REQUIRE(walk.demand("/etc/x", Type::file).matched_globs.size() == 1);
  REQUIRE(walk.demand("/etc/x", Type::directory).matched_globs.empty());
}

// --- The screen ---

TEST_CASE("an object in policy is acquitted without a look at each clause") {
  const Policy policy = policy_of({on("/etc").recursive().owner({"root"}).group({"root", "adm"}),
                                   on("/etc").recursive().mode(at_most(0644))});
  Walk walk(policy);
  const Demand& demand = walk.demand("/etc/x", Type::file);
  REQUIRE(acquits(demand, seen(Type::file)));
  REQUIRE(acquits(demand, seen(Type::file).group(4).mode(0600)));
  REQUIRE_FALSE(acquits(demand, seen(Type::file).owner(1001)));
  REQUIRE_FALSE(acquits(demand, seen(Type::file).group(5)));
  REQUIRE_FALSE(acquits(demand, seen(Type::file).mode(0664)));
}

TEST_CASE("lists of rules that speak together are intersected") {
  const Policy policy =
      policy_of({on("/a").owner({"root", "bob"}), on("/a").owner({"daemon", "robert"})});
  Walk walk(policy);
  const Demand& demand = walk.demand("/a", Type::file);
  REQUIRE(acquits(demand, seen(Type::file).owner(1001)));
  REQUIRE_FALSE(acquits(demand, seen(Type::file).owner(0)));
  REQUIRE_FALSE(acquits(demand, seen(Type::file).owner(1)));
}

TEST_CASE("what is forbidden, and what has the wrong type, is never acquitted") {
  const Policy policy =
      policy_of({on("/a").presence(Presence::forbidden), on("/b").type(Type::directory)});
  Walk walk(policy);
  REQUIRE_FALSE(acquits(walk.demand("/a", Type::file), seen(Type::file)));
  REQUIRE_FALSE(acquits(walk.demand("/b", Type::file), seen(Type::file)));
  REQUIRE(acquits(walk.demand("/b", Type::directory), seen(Type::directory)));
  REQUIRE_FALSE(acquits(walk.absent("/b"), nothing()));
  REQUIRE(acquits(walk.absent("/a"), nothing()));
}

TEST_CASE("an object without an ACL is acquitted where none is fine") {
  struct Row {
    test::AclSpec spec;
    bool fine;
  };
  const Row table[] = {
      {acl({}), true},
      {acl({"user:bob:r"}), false},
      {acl({"mask::r"}), false},
      {acl_at_most({"user:bob:r"}), true},
      {acl_at_most({}), true},
      {acl_at_least({"user:bob:r"}), false},
      {acl_at_least({"user:bob:"}), true},
      {acl_at_least({"mask::rw"}), true},
  };
  for (const auto& [spec, fine] : table) {
    const Policy policy = policy_of({on("/a").acl(spec)});
    Walk walk(policy);
    const Demand& demand = walk.demand("/a", Type::file);
    REQUIRE(acquits(demand, seen(Type::file)) == fine);
    REQUIRE(acquits(demand, seen(Type::file).acl_unsupported()) == fine);
    REQUIRE_FALSE(acquits(demand, seen(Type::file).acl_unreadable(5)));
  }
}

TEST_CASE("an object with an ACL is never acquitted unread") {
  const Policy policy = policy_of({on("/a").acl(acl_at_most({"user:bob:rwx"}))});
  Walk walk(policy);
  REQUIRE_FALSE(
      acquits(walk.demand("/a", Type::file),
              seen(Type::file)
                  .acl({"user::rw-", "user:1001:r--", "group::r--", "mask::r--", "other::---"})));
}

TEST_CASE("an account that is unknown acquits nobody") {
  const Policy policy = policy_of({on("/a").owner({"ghost"}), on("/b").owner({"ghost", "root"}),
                                   on("/c").acl(acl_at_most({"user:ghost:r"})),
                                   on("/d").acl(acl_at_least({"user:ghost:"}))});
  Walk walk(policy);
  REQUIRE_FALSE(acquits(walk.demand("/a", Type::file), seen(Type::file)));
  REQUIRE(acquits(walk.demand("/b", Type::file), seen(Type::file)));
  REQUIRE_FALSE(acquits(walk.demand("/b", Type::file), seen(Type::file).owner(1001)));
  REQUIRE_FALSE(acquits(walk.demand("/c", Type::file), seen(Type::file)));
  REQUIRE_FALSE(acquits(walk.demand("/d", Type::file), seen(Type::file)));
}

TEST_CASE("X is read from the mode as all deciding clauses leave it") {
  const Policy policy =
      policy_of({on("/a").recursive().mode(symbolic("a+X")), on("/a/b").mode(symbolic("u-x"))});
  Walk walk(policy);
  REQUIRE(acquits(walk.demand("/a/b", Type::file), seen(Type::file).mode(0644)));
  const auto judged = [&](unsigned mode) {
    const Texts all = verdicts(policy, "/a/b", seen(Type::file).mode(mode));
    return Texts(all.begin() + 2, all.end());
  };
  REQUIRE(judged(0644) == Texts{"r1 mode pass", "r0 mode pass"});
  REQUIRE(judged(0655) == Texts{"r1 mode pass", "r0 mode pass"});
  REQUIRE(judged(0645) == Texts{"r1 mode pass", "r0 mode violation"});
  // Applied together they leave 0655, whose x the others lack.
  REQUIRE(judged(0744) == Texts{"r1 mode violation", "r0 mode violation"});
}

}  // namespace
}  // namespace permward
