// SPDX-License-Identifier: Apache-2.0
#include "decide/state.hpp"

#include "decide/conflict.hpp"
#include "support/catch.hpp"
#include "support/policies.hpp"

#include <set>
#include <string>
#include <string_view>

namespace permward {
namespace {

using test::on;
using test::on_all;
using test::policy_of;

Rules rules_of(const Policy& policy) {
  Rules out;
  out.policy = &policy;
  out.targets = targets_as_written(policy);
  out.glob_order.assign(out.targets.size(), 0);
  for (std::uint32_t i = 0; i < out.targets.size(); ++i) out.glob_order[i] = i;
  return out;
}

State begun(const Rules& rules, std::uint32_t depth) {
  StateBuilder builder(rules, depth);
  for (std::uint32_t i = 0; i < rules.targets.size(); ++i) builder.begin(i);
  return builder.take();
}

State stepped(const Rules& rules, const State& above, std::uint32_t depth, std::string_view name,
              MountKind mount = MountKind::none) {
  StateBuilder builder(rules, depth);
  (void)builder.step(
      above, [name](const Component& component) { return matches(component, name); }, mount);
  return builder.take();
}

TEST_CASE("mount points of each kind stop what each rule lets them stop") {
  struct Row {
    CrossFilesystems cross;
    MountKind mount;
    bool stops;
  };
  const Row table[] = {
      {CrossFilesystems::no, MountKind::none, false},
      {CrossFilesystems::no, MountKind::local, true},
      {CrossFilesystems::no, MountKind::remote, true},
      {CrossFilesystems::no, MountKind::pseudo, true},
      {CrossFilesystems::local, MountKind::none, false},
      {CrossFilesystems::local, MountKind::local, false},
      {CrossFilesystems::local, MountKind::remote, true},
      {CrossFilesystems::local, MountKind::pseudo, true},
      {CrossFilesystems::yes, MountKind::none, false},
      {CrossFilesystems::yes, MountKind::local, false},
      {CrossFilesystems::yes, MountKind::remote, false},
      {CrossFilesystems::yes, MountKind::pseudo, true},
  };
  for (const auto& [cross, mount, stops] : table) REQUIRE(stops_at(cross, mount) == stops);
}

TEST_CASE("a double star brings the component behind it along") {
  const Policy policy = policy_of({on("/a/**/x/**/y")});
  const Rules rules = rules_of(policy);
  const State state = begun(rules, 1);
  REQUIRE(state.items.size() == 2);
  REQUIRE(state.items[0].position == 0);
  REQUIRE(state.items[1].position == 1);
  // Past `x` the second double star is open, and `y` with it.
  REQUIRE(stepped(rules, state, 2, "x").items.size() == 4);
}

TEST_CASE("a double star at the end is no match of the place where it stands") {
  const Policy policy = policy_of({on("/a/**")});
  const Rules rules = rules_of(policy);
  const State state = begun(rules, 1);
  REQUIRE(state.accepts.empty());
  REQUIRE(state.items.size() == 1);
  const State below = stepped(rules, state, 2, "x");
  REQUIRE(below.accepts.size() == 1);
  REQUIRE(below.items == state.items);
}

TEST_CASE("a recursion that begins inside itself keeps the deepest top alone") {
  const Policy policy = policy_of({on("/srv/**/cache").recursive()});
  const Rules rules = rules_of(policy);
  State state = begun(rules, 1);
  for (std::uint32_t depth = 2; depth < 200; ++depth) {
    state = stepped(rules, state, depth, "cache");
    REQUIRE(state.items.size() == 3);
    REQUIRE(state.accepts.size() == 2);  // the glob's, and the deepest recursion's
    REQUIRE(state.accepts.back().rank == depth + 1);
  }
}

// The tops of the recursions that go on.
std::set<std::uint32_t> tops(const State& state) {
  std::set<std::uint32_t> out;
  for (const Item& item : state.items) {
    if (item.kind == Item::Kind::recursion) out.insert(item.top);
  }
  return out;
}

TEST_CASE("base name excludes do not hinder that") {
  const Policy policy = policy_of({on("/srv/**/cache").recursive().exclude({"tmp"})});
  const Rules rules = rules_of(policy);
  State state = stepped(rules, begun(rules, 1), 2, "cache");
  state = stepped(rules, state, 3, "cache");
  REQUIRE(tops(state) == std::set<std::uint32_t>{3});
}

TEST_CASE("relative excludes keep a shallower top as long as they stand elsewhere") {
  const Policy policy = policy_of({on("/srv/**/cache").recursive().exclude({"a/b"})});
  const Rules rules = rules_of(policy);
  State state = stepped(rules, begun(rules, 1), 2, "cache");
  state = stepped(rules, state, 3, "cache");
  REQUIRE(tops(state) == std::set<std::uint32_t>{2, 3});
  // Below `a` only the deeper one has an exclude that may still come to something.
  REQUIRE(tops(stepped(rules, state, 4, "a")) == std::set<std::uint32_t>{2, 3});
  REQUIRE(tops(stepped(rules, state, 4, "x")) == std::set<std::uint32_t>{3});
}

TEST_CASE("however deep a recursion begins inside itself, few of its tops are kept") {
  for (const char* exclude : {"tmp", "a/b", "**/b", "cache/a", "cache/cache/cache/x", "a/**/b"}) {
    const Policy policy = policy_of({on("/srv/**/cache").recursive().exclude({exclude})});
    const Rules rules = rules_of(policy);
    State state = begun(rules, 1);
    for (std::uint32_t depth = 2; depth < 300; ++depth) {
      state = stepped(rules, state, depth, "cache");
      INFO(exclude);
      REQUIRE(tops(state).size() <= 5);
    }
  }
}

TEST_CASE("a depth is part of a state only where a recursion may still begin") {
  const Policy plain = policy_of({on("/a").recursive(), on("/a/*/x")});
  REQUIRE(begun(rules_of(plain), 1).depth == any_depth);
  const Policy recursive = policy_of({on("/a/*").recursive()});
  REQUIRE(begun(rules_of(recursive), 1).depth == 1);
}

TEST_CASE("a recursion of depth 1 takes what lies in its top and no further") {
  const Policy policy = policy_of({on("/a").recursive(1)});
  const Rules rules = rules_of(policy);
  const State child = stepped(rules, begun(rules, 1), 2, "x");
  REQUIRE(child.accepts.size() == 1);
  REQUIRE(child.items.empty());
}

TEST_CASE("states that say the same are equal and hash alike") {
  const Policy policy = policy_of({on("/a").recursive().exclude({"x", "y/z"}), on("/a/**/b")});
  const Rules rules = rules_of(policy);
  const State state = begun(rules, 1);
  const State one = stepped(rules, state, 2, "p");
  const State other = stepped(rules, state, 2, "q");
  REQUIRE(one == other);
  REQUIRE(hash_of(one) == hash_of(other));
  REQUIRE_FALSE(one == stepped(rules, state, 2, "y"));
  REQUIRE_FALSE(one == stepped(rules, state, 2, "b"));
}

TEST_CASE("a component is tested for globs and relative excludes, but not for double stars") {
  const Policy policy = policy_of({on("/a/**/b").recursive().exclude({"c/d", "**/e"})});
  const Rules rules = rules_of(policy);
  Item item;
  REQUIRE(tested_component(rules, item) == nullptr);
  item.position = 1;
  REQUIRE(tested_component(rules, item)->text == "b");
  item.kind = Item::Kind::recursion;
  REQUIRE(tested_component(rules, item) == nullptr);
  item.kind = Item::Kind::exclude;
  REQUIRE(tested_component(rules, item)->text == "d");
  item.exclude = 1;
  item.position = 0;
  REQUIRE(tested_component(rules, item) == nullptr);
}

}  // namespace
}  // namespace permward
