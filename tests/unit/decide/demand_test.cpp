// SPDX-License-Identifier: Apache-2.0
// Which rule decides what of an object, by its type, and what is demanded where nothing is.
#include "decide/demand.hpp"

#include "support/catch.hpp"
#include "support/observations.hpp"
#include "support/policies.hpp"
#include "support/verdicts.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace permward {
namespace {

using test::acl;
using test::at_least;
using test::at_most;
using test::decided;
using test::exact;
using test::nothing;
using test::on;
using test::on_all;
using test::policy_of;
using test::RuleSpec;
using test::seen;
using test::symbolic;
using test::Texts;
using test::verdicts;
using test::Walk;

// --- Who decides ---

TEST_CASE("a literal path decides before a glob, and a glob before a recursion") {
  const Policy policy =
      policy_of({on("/etc").recursive().owner({"root"}), on("/etc/*").owner({"daemon"}),
                 on("/etc/passwd").owner({"bob"})});
  REQUIRE(decided(policy, "/etc/passwd", Type::file) ==
          Texts{"r2 presence", "r2 type", "r2 owner"});
  REQUIRE(decided(policy, "/etc/group", Type::file) == Texts{"r1 owner"});
  REQUIRE(decided(policy, "/etc/ssh/config", Type::file) == Texts{"r0 owner"});
}

TEST_CASE("of two recursions the deeper top decides, whatever the order in the policy") {
  const Policy policy =
      policy_of({on("/srv/www").recursive().owner({"bob"}), on("/srv").recursive().owner({"root"}),
                 on("/").recursive().owner({"daemon"})});
  REQUIRE(decided(policy, "/srv/www/x", Type::file) == Texts{"r0 owner"});
  REQUIRE(decided(policy, "/srv/www/a/b/c", Type::file) == Texts{"r0 owner"});
  REQUIRE(decided(policy, "/srv/x", Type::file) == Texts{"r1 owner"});
  REQUIRE(decided(policy, "/x", Type::file) == Texts{"r2 owner"});
}

TEST_CASE("of two different globs the later decides, of what it speaks of") {
  const Policy policy = policy_of(
      {on("/etc/*.conf").owner({"root"}).mode(at_most(0644)), on("/etc/a*").owner({"bob"})});
  REQUIRE(decided(policy, "/etc/a.conf", Type::file) == Texts{"r1 owner", "r0 mode 7777"});
  REQUIRE(decided(policy, "/etc/b.conf", Type::file) == Texts{"r0 owner", "r0 mode 7777"});
}

TEST_CASE("rules of one glob speak together, where the last of them stands") {
  const Policy policy =
      policy_of({on("/etc/*.conf").owner({"root", "bob"}), on("/etc/a*").owner({"daemon"}),
                 on("/etc/*.conf").owner({"bob"})});
  REQUIRE(decided(policy, "/etc/a.conf", Type::file) == Texts{"r0 owner", "r2 owner"});
}

TEST_CASE("rules of one path speak together, each for itself") {
  const Policy policy =
      policy_of({on("/etc/x").owner({"root", "bob"}), on("/etc/x").owner({"bob"})});
  REQUIRE(decided(policy, "/etc/x", Type::file) ==
          Texts{"r0 presence", "r0 type", "r0 owner", "r1 presence", "r1 type", "r1 owner"});
  REQUIRE(verdicts(policy, "/etc/x", seen(Type::file).owner(0)) ==
          Texts{"r0 presence pass", "r0 type pass", "r0 owner pass", "r1 presence pass",
                "r1 type pass", "r1 owner violation"});
}

TEST_CASE("recursions of one top speak together") {
  const Policy policy = policy_of(
      {on("/srv").recursive().owner({"root"}), on("/srv").recursive().owner({"root", "bob"})});
  REQUIRE(decided(policy, "/srv/x", Type::file) == Texts{"r0 owner", "r1 owner"});
}

TEST_CASE("each aspect is decided by itself") {
  const Policy policy = policy_of({on("/etc").recursive().owner({"root"}).group({"root"}),
                                   on("/etc/shadow").group({"shadow"})});
  REQUIRE(decided(policy, "/etc/shadow", Type::file) ==
          Texts{"r1 presence", "r1 type", "r1 group", "r0 owner"});
}

TEST_CASE("two rules over the root, o-w and ug-s, are both in force") {
  const Policy policy = policy_of(
      {on("/").recursive().mode(symbolic("o-w")), on("/").recursive().mode(symbolic("ug-s"))});
  REQUIRE(decided(policy, "/usr/bin/x", Type::file) == Texts{"r0 mode 0002", "r1 mode 6000"});
  const auto judged = [&](unsigned mode) {
    return verdicts(policy, "/usr/bin/x", seen(Type::file).mode(mode));
  };
  REQUIRE(judged(0755) == Texts{"r0 mode pass", "r1 mode pass"});
  REQUIRE(judged(0757) == Texts{"r0 mode violation", "r1 mode pass"});
  REQUIRE(judged(04755) == Texts{"r0 mode pass", "r1 mode violation"});
  REQUIRE(judged(02757) == Texts{"r0 mode violation", "r1 mode violation"});
}

TEST_CASE("a literal at least leaves the other bits to the tree's at most") {
  const Policy policy =
      policy_of({on("/etc").recursive().mode(at_most(0644)), on("/etc/key").mode(at_least(0400))});
  REQUIRE(decided(policy, "/etc/key", Type::file) ==
          Texts{"r1 presence", "r1 type", "r1 mode 0400", "r0 mode 7377"});
}

TEST_CASE("an at most is about all bits and silences weaker rules where it demands nothing") {
  const Policy policy = policy_of(
      {on("/etc").recursive().mode(symbolic("o-r,u+x")), on("/etc/motd").mode(at_most(0755))});
  REQUIRE(decided(policy, "/etc/motd", Type::file) ==
          Texts{"r1 presence", "r1 type", "r1 mode 7777"});
  REQUIRE(verdicts(policy, "/etc/motd", seen(Type::file).mode(0644)).back() == "r1 mode pass");
}

TEST_CASE("of three rules each bit of a mode goes to the strongest that names it") {
  const Policy policy =
      policy_of({on("/a").recursive().mode(exact(0644)), on("/a/*/f").mode(symbolic("g+w,o-rwx")),
                 on("/a/b/f").mode(symbolic("o+r"))});
  REQUIRE(decided(policy, "/a/b/f", Type::file) ==
          Texts{"r2 presence", "r2 type", "r2 mode 0004", "r1 mode 0023", "r0 mode 7750"});
}

TEST_CASE("the bits of directories may be decided otherwise than those of files") {
  // As in chmod(1) `g=` names the set-group-ID bit of a file and not of a directory.
  const Policy policy =
      policy_of({on("/a").recursive().mode(exact(0755)), on("/a/b").mode(symbolic("g=rx"))});
  REQUIRE(decided(policy, "/a/b", Type::file).back() == "r0 mode 5707");
  REQUIRE(decided(policy, "/a/b", Type::directory).back() == "r0 mode 7707");
}

TEST_CASE("a rule that is silent about an aspect leaves it to weaker ones, type by type") {
  const Policy policy = policy_of({on("/a").recursive().owner({"root"}),
                                   on("/a/b").recursive().owner({"bob"}, Type::directory)});
  REQUIRE(decided(policy, "/a/b/c", Type::directory) == Texts{"r1 owner"});
  REQUIRE(decided(policy, "/a/b/c", Type::file) == Texts{"r0 owner"});
}

TEST_CASE("demands for files and directories override the rule's own for that aspect") {
  const Policy policy = policy_of({on("/etc/nginx")
                                       .recursive()
                                       .mode(at_most(0600))
                                       .mode(at_most(0644), Type::file)
                                       .mode(exact(0755), Type::directory)});
  const auto mode = [&](Type type) { return decided(policy, "/etc/nginx/x", type).size(); };
  REQUIRE(mode(Type::file) == 1);
  REQUIRE(mode(Type::directory) == 1);
  REQUIRE(mode(Type::socket) == 1);
  REQUIRE(verdicts(policy, "/etc/nginx/x", seen(Type::file).mode(0644)) == Texts{"r0 mode pass"});
  REQUIRE(verdicts(policy, "/etc/nginx/x", seen(Type::directory).mode(0755)) ==
          Texts{"r0 mode pass"});
  REQUIRE(verdicts(policy, "/etc/nginx/x", seen(Type::socket).mode(0644)) ==
          Texts{"r0 mode violation"});
}

TEST_CASE("of a symlink no mode and no ACL is demanded") {
  const Policy policy =
      policy_of({on("/etc").recursive().owner({"root"}).mode(exact(0644)).acl(acl({}))});
  REQUIRE(decided(policy, "/etc/link", Type::symlink) == Texts{"r0 owner"});
}

// --- Types ---

TEST_CASE("of an object of the wrong type nothing else is compared") {
  const Policy policy = policy_of({on("/etc").recursive().owner({"root"}).group({"root"}),
                                   on("/etc/x").type(Type::file).owner({"bob"})});
  REQUIRE(decided(policy, "/etc/x", Type::directory) == Texts{"r1 type"});
  REQUIRE(decided(policy, "/etc/x", Type::file) ==
          Texts{"r1 presence", "r1 type", "r1 owner", "r0 group"});
}

TEST_CASE("a wrong type that is only reported hides nothing that others enforce") {
  Policy policy = policy_of(
      {on("/x").type(Type::directory).owner({"bob"}), on("/x").type(Type::file).mode(exact(0600))});
  REQUIRE(decided(policy, "/x", Type::file) == Texts{"r0 type"});
  policy.rules[0].enforce = false;
  REQUIRE(decided(policy, "/x", Type::file) ==
          Texts{"r0 type", "r1 presence", "r1 type", "r1 mode 7777"});
  REQUIRE(decided(policy, "/x", Type::fifo) == Texts{"r0 type", "r1 type"});
}

TEST_CASE("a wrong type hides nothing where filters leave its rule out") {
  const Policy policy = policy_of(
      {on("/").recursive().mode(exact(0600)), on("/x").type(Type::symlink).owner({"bob"})});
  test::Walk walk(policy, {}, {}, {true, false});
  REQUIRE(decided(policy, walk.demand("/x", Type::file)) == Texts{"r0 mode 7777"});
  test::Walk both(policy, {}, {}, {true, true});
  REQUIRE(decided(policy, both.demand("/x", Type::file)) == Texts{"r1 type"});
}

TEST_CASE("without a type a literal path may be anything but a symlink") {
  const Policy policy = policy_of({on("/etc/x").owner({"root"})});
  for (const Type type :
       {Type::file, Type::directory, Type::fifo, Type::socket, Type::character, Type::block}) {
    REQUIRE(decided(policy, "/etc/x", type).size() == 3);
  }
  REQUIRE(decided(policy, "/etc/x", Type::symlink) == Texts{"r0 type"});
  REQUIRE(verdicts(policy, "/etc/x", seen(Type::symlink)) == Texts{"r0 type violation"});
}

TEST_CASE("the top of a recursion may be anything but a symlink, what lies below it anything") {
  const Policy policy = policy_of({on("/srv").recursive().owner({"root"})});
  REQUIRE(decided(policy, "/srv", Type::symlink) == Texts{"r0 type"});
  REQUIRE(decided(policy, "/srv", Type::file) == Texts{"r0 presence", "r0 type", "r0 owner"});
  REQUIRE(decided(policy, "/srv/link", Type::symlink) == Texts{"r0 owner"});
}

TEST_CASE("with recursion entries of another type are not selected") {
  const Policy policy = policy_of({on("/srv").recursive().owner({"root"}),
                                   on("/srv").recursive().type(Type::file).owner({"bob"})});
  REQUIRE(decided(policy, "/srv/x", Type::file) == Texts{"r0 owner", "r1 owner"});
  REQUIRE(decided(policy, "/srv/x", Type::directory) == Texts{"r0 owner"});
}

TEST_CASE("a glob that selects files neither demands nor forbids a directory") {
  const Policy forbid =
      policy_of({on("/etc/*.bak").type(Type::file).presence(Presence::forbidden)});
  REQUIRE(verdicts(forbid, "/etc/x.bak", seen(Type::file)) == Texts{"r0 presence violation"});
  REQUIRE(verdicts(forbid, "/etc/x.bak", seen(Type::directory)).empty());
}

TEST_CASE("a rule of paths and globs selects by type what its globs match") {
  const Policy policy = policy_of(
      {on_all({"/etc/old", "/etc/*.bak"}).type(Type::file).presence(Presence::forbidden)});
  REQUIRE(verdicts(policy, "/etc/x.bak", seen(Type::file)) == Texts{"r0 presence violation"});
  REQUIRE(verdicts(policy, "/etc/x.bak", seen(Type::directory)).empty());
  REQUIRE(verdicts(policy, "/etc/old", seen(Type::file)) ==
          Texts{"r0 presence violation", "r0 type pass"});
}

// --- Presence ---

TEST_CASE("a missing required object has one finding, its presence") {
  const Policy policy =
      policy_of({on("/etc").recursive().owner({"root"}),
                 on("/etc/x").type(Type::file).owner({"root"}).mode(exact(0644)).acl(acl({}))});
  REQUIRE(verdicts(policy, "/etc/x", nothing()) == Texts{"r1 presence violation"});
}

TEST_CASE("what a glob or a recursion would match need not be there") {
  const Policy policy =
      policy_of({on("/etc").recursive().owner({"root"}), on("/etc/*").owner({"root"})});
  REQUIRE(verdicts(policy, "/etc", nothing()) == Texts{"r0 presence violation"});
  REQUIRE(verdicts(policy, "/etc/x", nothing()).empty());
}

TEST_CASE("presence is required of a literal path unless the rule says otherwise") {
  struct Row {
    Presence presence;
    std::string_view there, gone;
  };
  const Row table[] = {
      {Presence::required, "r0 presence pass", "r0 presence violation"},
      {Presence::optional, "r0 presence pass", "r0 presence pass"},
      {Presence::forbidden, "r0 presence violation", "r0 presence pass"},
  };
  for (const auto& [presence, there, gone] : table) {
    const Policy policy = policy_of({on("/etc/x").presence(presence)});
    REQUIRE(verdicts(policy, "/etc/x", seen(Type::file)).front() == there);
    REQUIRE(verdicts(policy, "/etc/x", nothing()) == Texts{std::string(gone)});
  }
}

TEST_CASE("the presence of a recursion's top is literal, and decides before a glob's") {
  const Policy policy = policy_of(
      {on("/srv/*").presence(Presence::forbidden), on("/srv/www").recursive().owner({"root"})});
  REQUIRE(decided(policy, "/srv/www", Type::directory) ==
          Texts{"r1 presence", "r1 type", "r1 owner"});
  REQUIRE(decided(policy, "/srv/old", Type::directory) == Texts{"r0 presence"});
}

TEST_CASE("for its own top a recursive rule ranks as a recursion in all but presence") {
  const Policy policy =
      policy_of({on("/srv/www").recursive().owner({"root"}), on("/srv/*").owner({"bob"})});
  REQUIRE(decided(policy, "/srv/www", Type::directory) ==
          Texts{"r0 presence", "r0 type", "r1 owner"});
}

TEST_CASE("a glob that also recurses ranks as a recursion from what it matched") {
  const Policy policy = policy_of({on("/srv/*/cache").recursive().owner({"bob"}),
                                   on("/srv/a").recursive().owner({"root"}),
                                   on("/srv/a/cache/deep").recursive().owner({"daemon"})});
  REQUIRE(decided(policy, "/srv/a/cache", Type::directory) == Texts{"r0 owner"});
  REQUIRE(decided(policy, "/srv/a/cache/x/y", Type::file) == Texts{"r0 owner"});
  REQUIRE(decided(policy, "/srv/a/cache/deep/x", Type::file) == Texts{"r2 owner"});
  REQUIRE(decided(policy, "/srv/a/other", Type::file) == Texts{"r1 owner"});
}

TEST_CASE("a glob that does not state its presence leaves forbidden what an earlier one forbids") {
  const RuleSpec backups = on("/x/*.bak").presence(Presence::forbidden);
  const auto stays_forbidden = [&backups](const RuleSpec& later) {
    const Texts all = verdicts(policy_of({backups, later}), "/x/a.bak", seen(Type::file));
    return std::find(all.begin(), all.end(), "r0 presence violation") != all.end();
  };
  REQUIRE(stays_forbidden(on("/x/*").owner({"root"})));
  REQUIRE(stays_forbidden(on("/x/*").recursive().owner({"root"})));
  REQUIRE(stays_forbidden(on_all({"/x/*", "/y"}).owner({"root"})));
  REQUIRE_FALSE(stays_forbidden(on("/x/*").owner({"root"}).presence(Presence::optional)));
  // Without a demand, and on a literal path, it demands that it is there.
  REQUIRE_FALSE(stays_forbidden(on("/x/*")));
  REQUIRE_FALSE(stays_forbidden(on("/x/a.bak").owner({"root"})));
}

TEST_CASE("an optional presence silences a forbidden one of a weaker rule") {
  const Policy policy = policy_of(
      {on("/tmp/*").presence(Presence::forbidden), on("/tmp/keep").presence(Presence::optional)});
  REQUIRE(verdicts(policy, "/tmp/keep", seen(Type::file)).front() == "r1 presence pass");
  REQUIRE(verdicts(policy, "/tmp/other", seen(Type::file)).front() == "r0 presence violation");
}

}  // namespace
}  // namespace permward
