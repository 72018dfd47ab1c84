// SPDX-License-Identifier: Apache-2.0
// Recursions that only the tree brings together, and that cannot hold together.
#include "decide/steps.hpp"
#include "support/catch.hpp"
#include "support/policies.hpp"
#include "support/verdicts.hpp"

#include <set>

namespace permward {
namespace {

using test::at_least;
using test::on;
using test::on_all;
using test::policy_of;
using test::Walk;

TEST_CASE("recursions that a glob began on one top and that cannot hold together are noted") {
  const Policy policy = policy_of(
      {on("/srv/www").recursive().owner({"root"}), on("/srv/w*").recursive().owner({"bob"})});
  Walk walk(policy);
  REQUIRE(walk.steps().conflicts().empty());
  (void)walk.demand("/srv/www/x", Type::file);
  REQUIRE(walk.steps().conflicts() == std::set<TreeConflict>{TreeConflict{0, 1, Type::file}});
  (void)walk.demand("/srv/www/x", Type::file);
  REQUIRE(walk.steps().conflicts().size() == 1);
}

TEST_CASE("rules that the tree brought together have one error, of however many types") {
  const Policy policy = policy_of(
      {on("/srv/www").recursive().owner({"root"}), on("/srv/w*").recursive().owner({"bob"})});
  Walk walk(policy);
  (void)walk.demand("/srv/www", Type::directory);
  (void)walk.demand("/srv/www/x", Type::file);
  REQUIRE(walk.steps().conflicts().size() == 2);
  REQUIRE(conflict_errors(policy, walk.steps().conflicts()).size() == 1);
}

TEST_CASE("recursions that a glob began and that can hold together are no conflict") {
  const Policy policy = policy_of({on("/srv/www").recursive().owner({"root", "bob"}),
                                   on("/srv/w*").recursive().owner({"bob"}),
                                   on("/srv/www").recursive().mode(at_least(0400))});
  Walk walk(policy);
  (void)walk.demand("/srv/www/x", Type::file);
  (void)walk.demand("/srv/www", Type::directory);
  REQUIRE(walk.steps().conflicts().empty());
}

TEST_CASE("two globs that recurse onto one top are noted too, a rule and itself are not") {
  const Policy policy = policy_of(
      {on("/srv/w*").recursive().owner({"root"}), on("/srv/*w").recursive().owner({"bob"})});
  Walk walk(policy);
  (void)walk.demand("/srv/ww", Type::directory);
  REQUIRE(walk.steps().conflicts().size() == 1);
  const Policy same = policy_of({on_all({"/srv/w*", "/srv/*w"}).recursive().owner({"root"})});
  Walk other(same);
  (void)other.demand("/srv/ww", Type::directory);
  REQUIRE(other.steps().conflicts().empty());
}

TEST_CASE("tops of different depths are no conflict: the deeper decides") {
  const Policy policy =
      policy_of({on("/srv").recursive().owner({"root"}), on("/srv/*").recursive().owner({"bob"})});
  Walk walk(policy);
  (void)walk.demand("/srv/a/b", Type::file);
  REQUIRE(walk.steps().conflicts().empty());
}

TEST_CASE("tops that meet below a glob have no presence to clash over") {
  const Policy policy = policy_of({on("/srv/www").recursive().presence(Presence::forbidden),
                                   on("/srv/w*").recursive().presence(Presence::required)});
  Walk walk(policy);
  (void)walk.demand("/srv/www/x", Type::file);
  (void)walk.demand("/srv/www", Type::directory);
  REQUIRE(walk.steps().conflicts().empty());
}

}  // namespace
}  // namespace permward
