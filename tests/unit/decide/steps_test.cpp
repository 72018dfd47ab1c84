// SPDX-License-Identifier: Apache-2.0
// Which places rules speak of: globs, recursions, what is excluded, mounts, and what a walk asks.
#include "decide/steps.hpp"

#include "support/catch.hpp"
#include "support/policies.hpp"
#include "support/verdicts.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace permward {
namespace {

using test::decided;
using test::exact;
using test::mount;
using test::on;
using test::policy_of;
using test::RuleSpec;
using test::Texts;
using test::Walk;

// Whether a rule about owners speaks of the path.
bool speaks(const RuleSpec& rule, std::string_view path, Mounts mounts = {}) {
  const Policy policy = policy_of({rule});
  Walk walk(policy, std::move(mounts));
  for (const Decided& one : walk.demand(path, Type::file).decided) {
    if (one.clause->aspect == Aspect::owner) return true;
  }
  return false;
}

RuleSpec root_owns(std::string path) { return on(std::move(path)).owner({"root"}); }

// --- Globs ---

TEST_CASE("one-component wildcards reach one level and match leading dots") {
  REQUIRE(speaks(root_owns("/etc/*"), "/etc/x"));
  REQUIRE(speaks(root_owns("/etc/*"), "/etc/.x"));
  REQUIRE_FALSE(speaks(root_owns("/etc/*"), "/etc"));
  REQUIRE_FALSE(speaks(root_owns("/etc/*"), "/etc/x/y"));
  REQUIRE(speaks(root_owns("/etc/*/x"), "/etc/a/x"));
  REQUIRE_FALSE(speaks(root_owns("/etc/*/x"), "/etc/x"));
}

TEST_CASE("a double star stands for any number of components, none included") {
  const RuleSpec rule = root_owns("/etc/**/x");
  REQUIRE(speaks(rule, "/etc/x"));
  REQUIRE(speaks(rule, "/etc/a/x"));
  REQUIRE(speaks(rule, "/etc/a/b/c/x"));
  REQUIRE(speaks(rule, "/etc/x/x"));
  REQUIRE_FALSE(speaks(rule, "/etc/a"));
  REQUIRE_FALSE(speaks(rule, "/etc"));
  REQUIRE_FALSE(speaks(rule, "/x"));
}

TEST_CASE("a double star at the end is everything below and not the thing itself") {
  REQUIRE_FALSE(speaks(root_owns("/etc/**"), "/etc"));
  REQUIRE(speaks(root_owns("/etc/**"), "/etc/a"));
  REQUIRE(speaks(root_owns("/etc/**"), "/etc/a/b/c"));
  REQUIRE_FALSE(speaks(root_owns("/**"), "/"));
  REQUIRE(speaks(root_owns("/**"), "/a"));
  REQUIRE_FALSE(speaks(root_owns("/a/*/**"), "/a/b"));
  REQUIRE(speaks(root_owns("/a/*/**"), "/a/b/c"));
}

TEST_CASE("what a double star let pass may begin anew") {
  REQUIRE(speaks(root_owns("/a/**/b/c"), "/a/b/b/c"));
  REQUIRE(speaks(root_owns("/a/**/b/c"), "/a/b/x/b/c"));
  REQUIRE(speaks(root_owns("/a/**/b/**/c"), "/a/b/c"));
  REQUIRE(speaks(root_owns("/a/**/b/**/c"), "/a/x/b/x/b/x/c"));
  REQUIRE_FALSE(speaks(root_owns("/a/**/b/**/c"), "/a/c/b"));
}

// --- Recursions and excludes ---

TEST_CASE("a recursion is about its top and all below it") {
  const RuleSpec rule = root_owns("/srv").recursive();
  REQUIRE(speaks(rule, "/srv"));
  REQUIRE(speaks(rule, "/srv/a/b/c/d"));
  REQUIRE_FALSE(speaks(rule, "/"));
  REQUIRE_FALSE(speaks(rule, "/srvx"));
  REQUIRE(speaks(root_owns("/").recursive(), "/"));
  REQUIRE(speaks(root_owns("/").recursive(), "/a"));
}

TEST_CASE("a recursion of depth 1 is the path and what lies directly in it") {
  const RuleSpec one = root_owns("/srv").recursive(1);
  REQUIRE(speaks(one, "/srv"));
  REQUIRE(speaks(one, "/srv/a"));
  REQUIRE_FALSE(speaks(one, "/srv/a/b"));
  const RuleSpec two = root_owns("/srv").recursive(2);
  REQUIRE(speaks(two, "/srv/a/b"));
  REQUIRE_FALSE(speaks(two, "/srv/a/b/c"));
}

TEST_CASE("an exclude without a slash is about base names at any depth") {
  const RuleSpec rule = root_owns("/srv").recursive().exclude({"*.bak", "tmp"});
  REQUIRE_FALSE(speaks(rule, "/srv/x.bak"));
  REQUIRE_FALSE(speaks(rule, "/srv/a/b/x.bak"));
  REQUIRE_FALSE(speaks(rule, "/srv/tmp"));
  REQUIRE_FALSE(speaks(rule, "/srv/a/tmp/x"));  // an excluded directory is not entered
  REQUIRE(speaks(rule, "/srv/x"));
  REQUIRE(speaks(rule, "/srv/tmpx"));
  // The top itself is not below its own path.
  REQUIRE(speaks(root_owns("/srv/tmp").recursive().exclude({"tmp"}), "/srv/tmp"));
}

TEST_CASE("an exclude with a slash is relative to the path of the rule") {
  const RuleSpec rule = root_owns("/srv").recursive().exclude({"a/b", "c/*/d"});
  REQUIRE_FALSE(speaks(rule, "/srv/a/b"));
  REQUIRE_FALSE(speaks(rule, "/srv/a/b/x"));
  REQUIRE(speaks(rule, "/srv/a"));
  REQUIRE(speaks(rule, "/srv/x/a/b"));
  REQUIRE_FALSE(speaks(rule, "/srv/c/x/d"));
  REQUIRE(speaks(rule, "/srv/c/d"));
}

TEST_CASE("an exclude that ends in a double star leaves the directory itself in") {
  const RuleSpec rule = root_owns("/srv").recursive().exclude({"cache/**"});
  REQUIRE(speaks(rule, "/srv/cache"));
  REQUIRE_FALSE(speaks(rule, "/srv/cache/x"));
  REQUIRE_FALSE(speaks(rule, "/srv/cache/x/y"));
  REQUIRE(speaks(rule, "/srv/a/cache/x"));
}

TEST_CASE("excludes may have a double star anywhere") {
  const RuleSpec rule = root_owns("/srv").recursive().exclude({"**/secret/*", "x/**/y"});
  REQUIRE_FALSE(speaks(rule, "/srv/secret/a"));
  REQUIRE_FALSE(speaks(rule, "/srv/a/b/secret/c"));
  REQUIRE(speaks(rule, "/srv/secret"));
  REQUIRE_FALSE(speaks(rule, "/srv/x/y"));
  REQUIRE_FALSE(speaks(rule, "/srv/x/a/b/y"));
  REQUIRE(speaks(rule, "/srv/x/a/b/z"));
  REQUIRE_FALSE(speaks(root_owns("/srv").recursive().exclude({"**"}), "/srv/a"));
  REQUIRE(speaks(root_owns("/srv").recursive().exclude({"**"}), "/srv"));
}

TEST_CASE("what one rule excludes another may still speak of") {
  const Policy policy =
      policy_of({on("/srv").recursive().exclude({"tmp"}).owner({"root"}),
                 on("/").recursive().owner({"bob"}), on("/srv/tmp/keep").owner({"daemon"})});
  REQUIRE(decided(policy, "/srv/tmp/x", Type::file) == Texts{"r1 owner"});
  REQUIRE(decided(policy, "/srv/tmp/keep", Type::file).back() == "r2 owner");
}

TEST_CASE("a glob that recurses excludes below each path that it matched") {
  const RuleSpec rule = root_owns("/home/*").recursive().exclude({"a/b", "tmp"});
  REQUIRE(speaks(rule, "/home/bob"));
  REQUIRE(speaks(rule, "/home/bob/x/y"));
  REQUIRE_FALSE(speaks(rule, "/home/bob/a/b"));
  REQUIRE_FALSE(speaks(rule, "/home/bob/x/tmp"));
  REQUIRE(speaks(rule, "/home/tmp"));  // it is a top
  REQUIRE(speaks(rule, "/home/a/b"));
  REQUIRE_FALSE(speaks(rule, "/home"));
}

TEST_CASE("a recursion inside itself reaches from its deepest top") {
  const RuleSpec rule = root_owns("/srv/**/cache").recursive(1);
  REQUIRE(speaks(rule, "/srv/cache/x"));
  REQUIRE_FALSE(speaks(rule, "/srv/cache/x/y"));
  REQUIRE(speaks(rule, "/srv/cache/cache/y"));
  REQUIRE(speaks(rule, "/srv/cache/x/cache/y"));
}

TEST_CASE("what a deeper top excludes a shallower one of the same rule may still reach") {
  const RuleSpec rule = root_owns("/srv/**/cache").recursive().exclude({"a/b"});
  REQUIRE_FALSE(speaks(rule, "/srv/cache/a/b"));
  REQUIRE(speaks(rule, "/srv/cache/cache/a/b"));
  REQUIRE_FALSE(
      speaks(root_owns("/srv/**/cache").recursive().exclude({"b"}), "/srv/cache/cache/b"));
}

// --- Mounts ---

TEST_CASE("T19 a recursion stops at a mount point and says so") {
  const Policy policy = policy_of({on("/").recursive().owner({"root"})});
  Walk walk(policy, {mount("/", MountKind::local), mount("/home", MountKind::local)});
  REQUIRE(walk.demand("/home", Type::directory).empty());
  REQUIRE(walk.stops("/home"));
  REQUIRE(walk.demand("/home/bob", Type::file).empty());
  REQUIRE_FALSE(walk.stops("/home/bob"));
  REQUIRE_FALSE(walk.stops("/etc"));
}

TEST_CASE("recursions cross mount points as far as each rule lets them") {
  struct Row {
    CrossFilesystems cross;
    MountKind kind;
    bool speaks;
  };
  const Row table[] = {
      {CrossFilesystems::no, MountKind::local, false},
      {CrossFilesystems::local, MountKind::local, true},
      {CrossFilesystems::local, MountKind::remote, false},
      {CrossFilesystems::yes, MountKind::remote, true},
      {CrossFilesystems::yes, MountKind::pseudo, false},
  };
  for (const auto& [cross, kind, wanted] : table) {
    REQUIRE(speaks(root_owns("/srv").recursive().crossing(cross), "/srv/m/x",
                   {mount("/srv/m", kind)}) == wanted);
  }
}

TEST_CASE("a literal path beyond a mount point is reached where the recursion stops") {
  const Policy policy =
      policy_of({on("/").recursive().owner({"bob"}), on("/home/bob/.ssh").owner({"root"})});
  Walk walk(policy, {mount("/home", MountKind::local)});
  REQUIRE(decided(policy, walk.demand("/home/bob/.ssh", Type::directory)).back() == "r1 owner");
  REQUIRE(walk.demand("/home/bob", Type::directory).empty());
}

TEST_CASE("a recursion whose top is a mount point begins there") {
  REQUIRE(speaks(root_owns("/home").recursive(), "/home/x", {mount("/home", MountKind::remote)}));
  REQUIRE(speaks(root_owns("/home").recursive(), "/home", {mount("/home", MountKind::remote)}));
  REQUIRE_FALSE(speaks(root_owns("/home").recursive(), "/home/m/x",
                       {mount("/home", MountKind::local), mount("/home/m", MountKind::local)}));
}

TEST_CASE("a double star stops at mount points, one-component wildcards cross them") {
  const Mounts mounts = {mount("/mnt/usb", MountKind::remote)};
  REQUIRE_FALSE(speaks(root_owns("/mnt/**"), "/mnt/usb", mounts));
  REQUIRE_FALSE(speaks(root_owns("/mnt/**/x"), "/mnt/usb/x", mounts));
  REQUIRE(speaks(root_owns("/mnt/**/usb"), "/mnt/usb", mounts));
  REQUIRE(speaks(root_owns("/mnt/*"), "/mnt/usb", mounts));
  REQUIRE(speaks(root_owns("/mnt/*/x"), "/mnt/usb/x", mounts));
  REQUIRE(speaks(root_owns("/mnt/**").crossing(CrossFilesystems::yes), "/mnt/usb/x", mounts));
}

TEST_CASE("T102 neither recursion nor wildcard enters procfs and its like") {
  const Mounts mounts = {mount("/proc", MountKind::pseudo)};
  for (const RuleSpec& rule :
       {root_owns("/").recursive().crossing(CrossFilesystems::yes),
        root_owns("/**").crossing(CrossFilesystems::yes), root_owns("/*"), root_owns("/*/1")}) {
    const Policy policy = policy_of({rule});
    Walk walk(policy, mounts);
    REQUIRE(walk.demand("/proc", Type::directory).empty());
    REQUIRE(walk.stops("/proc"));
    REQUIRE(walk.demand("/proc/1", Type::directory).empty());
  }
  // A literal path names what it names.
  REQUIRE(
      speaks(root_owns("/proc/sys/kernel/core_pattern"), "/proc/sys/kernel/core_pattern", mounts));
}

TEST_CASE("a mount point stops nothing that would not have taken it") {
  const Mounts mounts = {mount("/srv/tmp", MountKind::local)};
  const auto stops = [&](const RuleSpec& rule) {
    const Policy policy = policy_of({rule});
    Walk walk(policy, mounts);
    return walk.stops("/srv/tmp");
  };
  REQUIRE(stops(on("/srv").recursive()));
  REQUIRE_FALSE(stops(on("/srv").recursive().exclude({"tmp"})));
  REQUIRE_FALSE(stops(on("/srv/www").recursive()));
  REQUIRE_FALSE(stops(on("/srv/tmp/x")));
  REQUIRE_FALSE(stops(on("/srv/*")));
  REQUIRE_FALSE(stops(on("/srv/a*/**")));
  REQUIRE(stops(on("/srv/**/x")));
}

// --- What a walk asks ---

TEST_CASE("a directory is listed only where all its names matter") {
  const Policy policy = policy_of({on("/etc/passwd"), on("/srv").recursive(1), on("/var/*/log")});
  Walk walk(policy);
  const auto listed = [&walk](std::string_view path) {
    const Steps::Place place = walk.at(path);
    return walk.steps().enumerates(place);
  };
  REQUIRE_FALSE(listed("/"));
  REQUIRE_FALSE(listed("/etc"));
  REQUIRE(listed("/srv"));
  REQUIRE_FALSE(listed("/srv/x"));
  REQUIRE(listed("/var"));
  REQUIRE(listed("/var/x"));
  REQUIRE_FALSE(listed("/var/x/log"));
}

TEST_CASE("a place is silent where nothing is demanded of it or below it") {
  const Policy policy = policy_of({on("/etc/ssh/config"), on("/srv/*/x")});
  Walk walk(policy, {}, {"/opt/a"});
  const auto silent = [&walk](std::string_view path) {
    const Steps::Place place = walk.at(path);
    return walk.steps().silent(place);
  };
  REQUIRE_FALSE(silent("/"));
  REQUIRE_FALSE(silent("/etc"));
  REQUIRE_FALSE(silent("/etc/ssh/config"));
  REQUIRE(silent("/etc/passwd"));
  REQUIRE(silent("/etc/ssh/config/x"));
  REQUIRE_FALSE(silent("/srv/a"));
  REQUIRE_FALSE(silent("/srv/a/x"));
  REQUIRE(silent("/srv/a/y"));
  REQUIRE_FALSE(silent("/opt"));  // a run is restricted to what lies there
  REQUIRE(silent("/opt/b"));
}

TEST_CASE("what could not be looked at is reported in the name of a rule that asked") {
  const Policy policy = policy_of({on("/etc").recursive(), on("/etc/ssh"), on("/var/*/x")});
  const auto speaker = [&](std::string_view path, std::vector<bool> selected) {
    Walk walk(policy, {}, {}, std::move(selected));
    const Steps::Place place = walk.at(path);
    const auto target = walk.steps().speaker(place);
    return target ? policy.rules[walk.machine().rules().targets[*target].rule].id : "nobody";
  };
  REQUIRE(speaker("/etc/ssh", {}) == "r1");
  REQUIRE(speaker("/etc/ssh", {true, false, true}) == "r0");
  REQUIRE(speaker("/etc/ssh", {false, false, true}) == "nobody");
  REQUIRE(speaker("/etc/other", {}) == "r0");
  REQUIRE(speaker("/var", {}) == "r2");
  REQUIRE(speaker("/var/a", {true, true, false}) == "nobody");
  REQUIRE(speaker("/opt", {}) == "nobody");
}

TEST_CASE("a demand of a place without a literal path is composed once for all like it") {
  const Policy policy = policy_of({on("/srv").recursive().mode(exact(0644))});
  Walk walk(policy);
  const Demand* const first = &walk.demand("/srv/a", Type::file);
  const Demand* const second = &walk.demand("/srv/b", Type::file);
  REQUIRE(first == second);
  REQUIRE(&walk.demand("/srv/b", Type::directory) != first);
}

TEST_CASE("a place that was kept is found again by another thread's steps") {
  const Policy policy = policy_of(
      {on("/srv").recursive().exclude({"a/b"}).owner({"root"}), on("/srv/x/y").owner({"bob"})});
  Walk one(policy);
  Steps other(one.machine(), 0);
  bool stopped = false;
  const Cursor cursor = one.steps().cursor(one.at("/srv/a"));
  Steps::Place place = other.step(other.place(cursor), "b", stopped);
  REQUIRE(other.demand(place, Type::file).empty());
  place = other.step(other.place(cursor), "c", stopped);
  REQUIRE(decided(policy, other.demand(place, Type::file)) == Texts{"r0 owner"});
  place = other.step(other.place(one.steps().cursor(one.at("/srv/x"))), "y", stopped);
  REQUIRE(decided(policy, other.demand(place, Type::file)).back() == "r1 owner");
  // And a place adopted twice is one place.
  REQUIRE(*other.cursor(other.place(cursor)).states == *cursor.states);
}

TEST_CASE("what was forgotten is found again, with any budget") {
  const Policy policy =
      policy_of({on("/srv").recursive().owner({"root"}), on("/srv/**/a*b*c").owner({"bob"})});
  for (const std::size_t budget : {std::size_t{0}, std::size_t{500}, std::size_t{5000}}) {
    Walk walk(policy, {}, {}, {}, budget);
    const Cursor top = walk.steps().cursor(walk.at("/srv"));
    for (int i = 0; i < 300; ++i) {
      bool stopped = false;
      std::string name = "a" + std::to_string(i) + "b";
      Steps::Place place = walk.steps().step(walk.steps().place(top), name, stopped);
      REQUIRE(decided(policy, walk.steps().demand(place, Type::file)) == Texts{"r0 owner"});
      place = walk.steps().step(place, "abc", stopped);
      REQUIRE(decided(policy, walk.steps().demand(place, Type::file)) == Texts{"r1 owner"});
    }
  }
}

TEST_CASE("of what is absent only a literal path is asked") {
  const Policy policy = policy_of({on("/srv").recursive().owner({"root"}), on("/srv/x")});
  Walk walk(policy);
  REQUIRE(decided(policy, walk.absent("/srv/x")) == Texts{"r1 presence"});
  REQUIRE(decided(policy, walk.absent("/srv")) == Texts{"r0 presence"});
  REQUIRE(walk.absent("/srv/y").empty());
}

}  // namespace
}  // namespace permward
