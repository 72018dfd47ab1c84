// SPDX-License-Identifier: Apache-2.0
#include "decide/state_table.hpp"

#include "decide/conflict.hpp"
#include "support/catch.hpp"
#include "support/policies.hpp"

#include <array>
#include <string>

using namespace permward;
using namespace permward::test;

namespace {

// Of all targets of a policy, as if they began at one place.
struct Table {
  explicit Table(const Policy& policy) {
    rules.policy = &policy;
    rules.targets = targets_as_written(policy);
    for (std::uint32_t i = 0; i < rules.targets.size(); ++i) rules.glob_order.push_back(i);
  }

  StateTable::Entry* begun() {
    StateBuilder builder(rules, 0);
    for (std::uint32_t i = 0; i < rules.targets.size(); ++i) builder.begin(i);
    return states.intern(builder.take());
  }

  Rules rules;
  StateTable states{rules};
};

}  // namespace

TEST_CASE("names that the same components stand for lead to one state") {
  const Policy policy = policy_of({on("/a*").owner({"root"}), on("/*b/c").owner({"bob"})});
  Table table(policy);
  StateTable::Entry& top = *table.begun();
  const auto to = [&](const char* name, Reach reach) {
    return table.states.successor(top, name, reach);
  };
  REQUIRE(to("ax", Reach::tree) == to("ay", Reach::tree));
  REQUIRE(to("ax", Reach::tree) != to("ab", Reach::tree));
  // What lies below is none of an object's.
  REQUIRE(to("ax", Reach::object) == to("ab", Reach::object));
  REQUIRE(to("ax", Reach::object) != to("xb", Reach::object));
}

TEST_CASE("to an object leads what accepts it and nothing that goes on below") {
  const Policy policy = policy_of({on("/**/a").owner({"root"}), on("/*").recursive().owner({"bob"}),
                                   on("/").recursive().exclude({"x/y"}).owner({"root"})});
  Table table(policy);
  StateTable::Entry& top = *table.begun();
  for (const char* name : {"a", "x", "b"}) {
    const State& object = *table.states.successor(top, name, Reach::object)->state;
    const State& tree = *table.states.successor(top, name, Reach::tree)->state;
    REQUIRE(object.items.empty());
    REQUIRE_FALSE(tree.items.empty());
    REQUIRE(object.accepts == tree.accepts);
  }
}

TEST_CASE("components that are written the same are one to a name") {
  const Policy policy = policy_of({on("/**/a*/x").owner({"root"}), on("/**/b/a*").owner({"bob"}),
                                   on("/a*/y").mode(exact(0600))});
  Table table(policy);
  const StateTable::Entry& top = *table.begun();
  REQUIRE(top.names->components().size() == 2);  // `a*` and `b`
  const State& below = *table.states.successor(*table.begun(), "ab", Reach::tree)->state;
  REQUIRE(below.accepts.empty());
  REQUIRE(
      table.states
          .successor(*table.states.adopt(std::make_shared<const State>(below)), "x", Reach::object)
          ->state->accepts.size() == 1);
  REQUIRE(
      table.states
          .successor(*table.states.adopt(std::make_shared<const State>(below)), "y", Reach::object)
          ->state->accepts.size() == 1);
}

TEST_CASE("a wild name and a plain one that are written alike are two") {
  const Policy policy = policy_of({on("/**/*").owner({"root"}), on("/**/\\*").owner({"bob"})});
  Table table(policy);
  StateTable::Entry& top = *table.begun();
  REQUIRE(table.states.successor(top, "a", Reach::object)->state->accepts.size() == 1);
  REQUIRE(table.states.successor(top, "*", Reach::object)->state->accepts.size() == 2);
}

TEST_CASE("a state of another table is taken for the equal one of this") {
  const Policy policy = policy_of({on("/**/a").owner({"root"})});
  Table one(policy);
  Table other(policy);
  StateTable::Entry* const entry = one.begun();
  StateTable::Entry* const begun = other.begun();
  REQUIRE(begun->state != entry->state);
  for (int i = 0; i < 2; ++i) REQUIRE(other.states.adopt(entry->state) == begun);
}

TEST_CASE("what is kept of a table stays where it is and leads where it did") {
  const Policy policy = policy_of({on("/**/a").owner({"root"}), on("/b*/c").owner({"bob"})});
  Table table(policy);
  StateTable::Entry* const kept = table.begun();
  const State before = *table.states.successor(*kept, "b1", Reach::tree)->state;
  REQUIRE(table.states.bytes() > 0);
  table.states.forget(std::array{kept});
  REQUIRE(table.states.bytes() == 0);
  REQUIRE(kept->successors.empty());
  REQUIRE(table.begun() == kept);
  REQUIRE(*table.states.successor(*kept, "b1", Reach::tree)->state == before);
  REQUIRE(table.states.bytes() > 0);
}
