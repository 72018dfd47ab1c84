// SPDX-License-Identifier: Apache-2.0
#include "decide/machine.hpp"

#include "support/catch.hpp"
#include "support/patterns.hpp"
#include "support/policies.hpp"
#include "support/verdicts.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace permward {
namespace {

using test::decided;
using test::mount;
using test::on;
using test::on_all;
using test::policy_of;
using test::Texts;
using test::Walk;

NodeId node_of(const Machine& machine, std::string_view path) {
  NodeId at = 0;
  for (const std::string& name : test::names_of(path)) at = machine.child(at, name);
  return at;
}

TEST_CASE("literal paths, tops and the heads of globs are places of one trie") {
  const Policy policy =
      policy_of({on("/etc/passwd"), on("/etc/ssh").recursive(), on("/etc/ssh/*"), on("/")});
  Walk walk(policy);
  const Machine& machine = walk.machine();
  REQUIRE(machine.node(node_of(machine, "/etc/passwd")).literals.size() == 1);
  REQUIRE(machine.node(node_of(machine, "/etc/passwd")).literals[0].kind == AcceptKind::literal);
  const Node& ssh = machine.node(node_of(machine, "/etc/ssh"));
  REQUIRE(ssh.literals.size() == 1);
  REQUIRE(ssh.literals[0].kind == AcceptKind::literal_top);
  REQUIRE(ssh.begins == std::vector<std::uint32_t>{1, 2});
  REQUIRE(ssh.name == "ssh");
  REQUIRE(ssh.depth == 2);
  REQUIRE(machine.node(ssh.parent).name == "etc");
  REQUIRE(machine.node(0).literals.size() == 1);
  REQUIRE(machine.node(0).ruled);
  REQUIRE(node_of(machine, "/etc/group") == no_node);
  REQUIRE(machine.child(no_node, "etc") == no_node);
}

TEST_CASE("a rule whose paths come to one place speaks of it once") {
  const Policy policy = policy_of({on_all({"/etc/x", "/etc/x"}).owner({"root"})});
  REQUIRE(decided(policy, "/etc/x", Type::file) == Texts{"r0 presence", "r0 type", "r0 owner"});
  const Policy tree = policy_of({on_all({"/etc", "/etc"}).recursive().owner({"root"})});
  REQUIRE(decided(tree, "/etc/x", Type::file) == Texts{"r0 owner"});
}

TEST_CASE("a mount point alone makes no place worth a visit") {
  const Policy policy = policy_of({on("/etc").recursive()});
  Walk walk(policy, {mount("/dev/pts", MountKind::pseudo)});
  const Node& pts = walk.machine().node(node_of(walk.machine(), "/dev/pts"));
  REQUIRE(pts.mount != nullptr);
  REQUIRE(pts.mount->kind == MountKind::pseudo);
  REQUIRE_FALSE(pts.ruled);
  REQUIRE(walk.steps().silent(walk.at("/dev")));
  REQUIRE(walk.steps().silent(walk.at("/dev/pts")));
  REQUIRE_FALSE(walk.steps().silent(walk.at("/etc")));
}

TEST_CASE("a glob does not begin in a pseudo file system and a recursion may") {
  const Policy policy =
      policy_of({on("/proc/*/maps"), on("/proc/sys").recursive(), on("/srv/*/x")});
  Walk walk(policy, {mount("/proc", MountKind::pseudo), mount("/srv", MountKind::remote)});
  const Machine& machine = walk.machine();
  REQUIRE(machine.not_begun().size() == 1);
  REQUIRE(machine.not_begun()[0]->path == "/proc");
  REQUIRE(machine.node(node_of(machine, "/proc")).begins.empty());
  REQUIRE(machine.node(node_of(machine, "/proc/sys")).begins.size() == 1);
  REQUIRE(machine.node(node_of(machine, "/srv")).begins.size() == 1);
}

TEST_CASE("a run is restricted to the places that are asked for and what leads there") {
  const Policy policy = policy_of({on("/etc").recursive()});
  Walk walk(policy, {}, {"/etc/ssh", "/srv"});
  const Machine& machine = walk.machine();
  REQUIRE(machine.restricted());
  REQUIRE(machine.node(node_of(machine, "/etc/ssh")).in_scope);
  REQUIRE(machine.node(node_of(machine, "/etc/ssh")).to_scope);
  REQUIRE(machine.node(node_of(machine, "/etc")).to_scope);
  REQUIRE_FALSE(machine.node(node_of(machine, "/etc")).in_scope);
  REQUIRE(machine.node(0).to_scope);
  REQUIRE(machine.node(node_of(machine, "/srv")).in_scope);
  REQUIRE_FALSE(machine.node(node_of(machine, "/srv")).ruled);
  Walk whole(policy);
  REQUIRE_FALSE(whole.machine().restricted());
  REQUIRE_FALSE(whole.machine().node(0).to_scope);
}

TEST_CASE("rules of one glob rank where the last of them stands, as links have it") {
  const Policy policy = policy_of({on("/etc/*.conf"), on("/etc/a*"), on("/etc/*.conf")});
  Walk walk(policy);
  REQUIRE(walk.machine().rules().glob_order == std::vector<std::uint32_t>{2, 1, 2});
}

TEST_CASE("globs that only look alike are different globs") {
  // A star, and a name that is a star.
  const Policy policy =
      policy_of({on("/etc/?/*").owner({"root"}), on("/etc/?/\\*").owner({"bob"})});
  Walk walk(policy);
  REQUIRE(walk.machine().rules().glob_order == std::vector<std::uint32_t>{0, 1});
  REQUIRE(decided(policy, "/etc/a/*", Type::file) == Texts{"r1 owner"});
  // The head of one is not the tail of the other.
  const Policy split = policy_of({on("/a/b*/c"), on("/a/\\b*/c")});
  Walk other(split);
  REQUIRE(other.machine().rules().glob_order.size() == 2);
}

TEST_CASE("the rules of a policy are known by target") {
  const Policy policy = policy_of({on("/a"), on_all({"/b", "/c/*"})});
  Walk walk(policy);
  const Rules& rules = walk.machine().rules();
  REQUIRE(rules.targets.size() == 3);
  REQUIRE(rules.rule(2).id == "r1");
  REQUIRE(rules.tail(2).size() == 1);
  REQUIRE(rules.tail(1).empty());
}

}  // namespace
}  // namespace permward
