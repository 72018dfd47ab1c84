// SPDX-License-Identifier: Apache-2.0
#include "decide/describe_change.hpp"

#include "support/catch.hpp"
#include "support/observations.hpp"
#include "support/policies.hpp"

#include <string>
#include <vector>

namespace permward::test {
namespace {

ObjectState file_state(std::uint16_t mode = 0640) {
  ObjectState out;
  out.type = Type::file;
  out.mode = mode;
  return out;
}

using Told = std::vector<LoggedAspect>;

Told told(const ObjectState& before, const ObjectState& intended, const ObjectState* after) {
  return differences(before, intended, after, account_names());
}

Told told(const ObjectState& before, const ObjectState& after) {
  return told(before, after, &after);
}

TEST_CASE("every aspect that a state has is told where it differs, and no other") {
  ObjectState before = file_state(0666);
  REQUIRE(told(before, before).empty());
  ObjectState after = file_state(04755);
  after.owner = 1001;
  after.group = 33;
  after.acl = entries({"user::rwx", "user:1001:r--", "group::r-x", "mask::r-x", "other::r-x"});
  after.attributes = AttributeSet(Attribute::immutable) | Attribute::no_dump;
  after.capabilities = FileCapabilities{1 << 13, 0, true, 0};
  REQUIRE(told(before, after) ==
          Told{{Aspect::owner, "root", "bob", "bob"},
               {Aspect::group, "root", "web", "web"},
               {Aspect::mode, "0666", "4755", "4755"},
               {Aspect::acl, "none", "user::rwx,user:bob:r--,group::r-x,mask::r-x,other::r-x",
                "user::rwx,user:bob:r--,group::r-x,mask::r-x,other::r-x"},
               {Aspect::attributes, "none", "immutable, no_dump", "immutable, no_dump"},
               {Aspect::capabilities, "none", "cap_net_raw=ep", "cap_net_raw=ep"}});
  before.type = after.type = Type::directory;
  after = before;
  after.default_acl = base_entries(0750);
  REQUIRE(told(before, after) ==
          Told{{Aspect::default_acl, "none", "user::rwx,group::r-x,other::---",
                "user::rwx,group::r-x,other::---"}});
}

TEST_CASE("a target is told with what it hides escaped") {
  ObjectState before = file_state();
  before.type = Type::symlink;
  before.target = "a\x1b";
  ObjectState after = before;
  after.target = "b";
  REQUIRE(told(before, after) == Told{{Aspect::target, "a\\x1b", "b", "b"}});
}

TEST_CASE("what was meant and did not come about is told, and what came about unmeant") {
  const ObjectState before = file_state(0666);
  ObjectState intended = file_state(0640);
  REQUIRE(told(before, intended, &before) == Told{{Aspect::mode, "0666", "0640", "0666"}});
  ObjectState after = intended;
  after.owner = 1001;
  REQUIRE(told(before, intended, &after) ==
          Told{{Aspect::owner, "root", "root", "bob"}, {Aspect::mode, "0666", "0640", "0640"}});
}

TEST_CASE("what nobody has seen has no after") {
  REQUIRE(told(file_state(0666), file_state(0640), nullptr) ==
          Told{{Aspect::mode, "0666", "0640", std::nullopt}});
}

TEST_CASE("of an object that is made or removed its presence is told alone") {
  const ObjectState none;
  REQUIRE(told(none, file_state()) == Told{{Aspect::presence, "absent", "present", "present"}});
  REQUIRE(told(file_state(), none) == Told{{Aspect::presence, "present", "absent", "absent"}});
  REQUIRE(told(none, file_state(), nullptr) ==
          Told{{Aspect::presence, "absent", "present", std::nullopt}});
}

TEST_CASE("an object that vanished meanwhile is absent, and its other aspects are nobody's") {
  const ObjectState none;
  REQUIRE(told(file_state(0666), file_state(0640), &none) ==
          Told{{Aspect::presence, "present", "present", "absent"},
               {Aspect::mode, "0666", "0640", std::nullopt}});
}

TEST_CASE("an object that became one of another type is told so") {
  ObjectState after = file_state();
  after.type = Type::directory;
  REQUIRE(told(file_state(), after) == Told{{Aspect::type, "file", "directory", "directory"}});
}

}  // namespace
}  // namespace permward::test
