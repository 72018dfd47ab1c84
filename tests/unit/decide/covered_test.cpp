// SPDX-License-Identifier: Apache-2.0
// Whether rules speak of a path that is asked for, and what lies near one of which none does.
#include "decide/steps.hpp"
#include "support/catch.hpp"
#include "support/patterns.hpp"
#include "support/policies.hpp"
#include "support/verdicts.hpp"

#include <string_view>

namespace permward {
namespace {

using test::on;
using test::policy_of;
using test::Walk;

TEST_CASE("a path is covered where a rule speaks of it or of something below it") {
  const Policy policy = policy_of({on("/etc/ssh/config"), on("/srv/*/x"), on("/var").recursive(1)});
  Walk walk(policy);
  const auto is_covered = [&walk](std::string_view path) {
    return covered(walk.machine(), test::names_of(path));
  };
  REQUIRE(is_covered("/"));
  REQUIRE(is_covered("/etc"));
  REQUIRE(is_covered("/etc/ssh/config"));
  REQUIRE_FALSE(is_covered("/etc/passwd"));
  REQUIRE_FALSE(is_covered("/etc/ssh/config/x"));
  REQUIRE(is_covered("/srv/a"));
  REQUIRE(is_covered("/srv/a/x"));
  REQUIRE_FALSE(is_covered("/srv/a/y"));
  REQUIRE(is_covered("/var/x"));
  REQUIRE_FALSE(is_covered("/var/x/y"));
}

TEST_CASE("a path is covered by selected rules alone") {
  const Policy policy = policy_of({on("/etc/passwd"), on("/srv/*/x"), on("/var").recursive()});
  const Machine machine(policy, targets_as_written(policy), {}, {}, {true, false, false});
  REQUIRE(covered(machine, {"etc"}));
  REQUIRE(covered(machine, {"etc", "passwd"}));
  REQUIRE_FALSE(covered(machine, {"srv"}));
  REQUIRE_FALSE(covered(machine, {"srv", "a", "x"}));
  REQUIRE_FALSE(covered(machine, {"var", "x"}));
  REQUIRE(nearest_target(machine, {"var", "x"}) == "/etc/passwd");
}

TEST_CASE("the nearest place that a rule names is found for a path that none covers") {
  const Policy policy = policy_of({on("/etc/ssh/sshd_config"), on("/etc/passwd"), on("/srv/*")});
  Walk walk(policy);
  const auto near = [&walk](std::string_view path) {
    return nearest_target(walk.machine(), test::names_of(path));
  };
  REQUIRE(near("/etc/ssh/ssh_config") == "/etc/ssh/sshd_config");
  REQUIRE(near("/etc/passwdd") == "/etc/passwd");
  REQUIRE(near("/etc/shadow") == "/etc/passwd");
  REQUIRE(near("/sv") == "/srv/*");
  REQUIRE(near("/opt/thing") == "/etc/passwd");
  const Policy none;
  Walk empty(none);
  REQUIRE(nearest_target(empty.machine(), {"etc"}).empty());
}

TEST_CASE("what has a link on its way is near by both of its ways") {
  const Policy policy = policy_of({on("/usr/zz"), on("/bin/superuser")});
  std::vector<Target> targets = targets_as_written(policy);
  targets[1].head = {"usr", "bin", "superuser"};
  const Machine machine(policy, std::move(targets), {}, {}, {});
  REQUIRE(nearest_target(machine, {"bin"}) == "/bin/superuser");
  REQUIRE(nearest_target(machine, {"usr", "bin", "sh"}) == "/bin/superuser");
}

}  // namespace
}  // namespace permward
