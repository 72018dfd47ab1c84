// SPDX-License-Identifier: Apache-2.0
// Links that a glob matches and its rule follows.
#include "decide/steps.hpp"
#include "support/catch.hpp"
#include "support/patterns.hpp"
#include "support/policies.hpp"
#include "support/verdicts.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace permward {
namespace {

using test::decided;
using test::on;
using test::policy_of;
using test::RuleSpec;
using test::Texts;

// `/live/*` follows its links, one of which leads to /archive/x.
struct Followed {
  explicit Followed(std::vector<RuleSpec> others, bool recursive = false) {
    RuleSpec following = on("/live/*").owner({"root"});
    if (recursive) following.recursive();
    others.insert(others.begin(), following);
    policy = policy_of(others);
    policy.rules[0].follow = true;
    std::vector<Target> targets = targets_as_written(policy);
    Target link = targets[0];
    link.head = {"archive", "x"};
    link.shown = "/live/x";
    link.followed_from = 0;
    targets.push_back(link);
    machine.emplace(policy, targets, mounts, std::vector<std::vector<std::string>>{},
                    std::vector<bool>{});
    steps.emplace(*machine, test::ample);
  }
  const Demand& demand(std::string_view path, Type type) {
    Steps::Place place = steps->place(steps->root());
    bool stopped = false;
    for (const std::string& name : test::names_of(path)) place = steps->step(place, name, stopped);
    return steps->demand(place, type);
  }

  Policy policy;
  Mounts mounts;
  std::optional<Machine> machine;
  std::optional<Steps> steps;
};

TEST_CASE("what a followed link leads to is a match of its glob, and the link a way") {
  Followed tree({on("/archive").recursive().owner({"bob"})});
  REQUIRE(decided(tree.policy, tree.demand("/archive/x", Type::file)) == Texts{"r0 owner"});
  REQUIRE(tree.demand("/live/x", Type::symlink).empty());
  REQUIRE(decided(tree.policy, tree.demand("/live/y", Type::file)) == Texts{"r0 owner"});
  REQUIRE(decided(tree.policy, tree.demand("/archive/y", Type::file)) == Texts{"r1 owner"});
}

TEST_CASE("a followed link ranks as its glob: below a literal path, by the glob's place") {
  Followed tree({on("/archive/*").owner({"bob"}), on("/archive/x").group({"root"})});
  REQUIRE(decided(tree.policy, tree.demand("/archive/x", Type::file)) ==
          Texts{"r2 presence", "r2 type", "r2 group", "r1 owner"});
}

TEST_CASE("an object that a glob matches itself and by a link has one verdict") {
  Followed tree({});
  tree.policy.rules[0].paths[0].pattern = test::pattern("/archive/*");
  std::vector<Target> targets = targets_as_written(tree.policy);
  targets.push_back(targets[0]);
  targets[1].head = {"archive", "x"};
  targets[1].followed_from = 0;
  const Machine machine(tree.policy, targets, tree.mounts, {}, {});
  Steps steps(machine, test::ample);
  bool stopped = false;
  Steps::Place place = steps.step(steps.place(steps.root()), "archive", stopped);
  place = steps.step(place, "x", stopped);
  REQUIRE(decided(tree.policy, steps.demand(place, Type::file)) == Texts{"r0 owner"});
}

TEST_CASE("a followed link is asked for nothing where nothing is") {
  Followed tree({});
  Steps::Place place = tree.steps->place(tree.steps->root());
  bool stopped = false;
  for (const char* name : {"archive", "x"}) place = tree.steps->step(place, name, stopped);
  REQUIRE(tree.steps->demand_absent(place.node()).empty());
}

TEST_CASE("a recursion that a followed link began can be found not to hold with another") {
  Followed tree({on("/archive/x").recursive().owner({"bob"})}, true);
  REQUIRE(decided(tree.policy, tree.demand("/archive/x/y", Type::file)) ==
          Texts{"r1 owner", "r0 owner"});
  REQUIRE(tree.steps->conflicts() == std::set<TreeConflict>{TreeConflict{0, 1, Type::file}});
}

}  // namespace
}  // namespace permward
