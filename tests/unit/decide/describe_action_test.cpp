// SPDX-License-Identifier: Apache-2.0
#include "decide/describe_action.hpp"

#include "decide/describe_principals.hpp"
#include "model/object_state.hpp"
#include "support/catch.hpp"
#include "support/observations.hpp"
#include "support/policies.hpp"

#include <string>

namespace permward::test {
namespace {

std::string text(const Action& action) { return action_text(action, account_names()); }

TEST_CASE("an action says what is set, in the notation of policies") {
  REQUIRE(text(SetMode{04755}) == "mode 4755");
  REQUIRE(text(SetOwner{1001, {}}) == "owner bob");
  REQUIRE(text(SetOwner{{}, 33}) == "group web");
  REQUIRE(text(SetOwner{0, 7777}) == "owner root, group 7777");
  REQUIRE(text(SetAttributes{{}, Attribute::immutable}) == "attributes not immutable");
  REQUIRE(text(SetAttributes{Attribute::immutable, Attribute::no_dump}) ==
          "attributes immutable, not no_dump");
  REQUIRE(text(SetCapabilities{}) == "capabilities none");
  REQUIRE(text(SetCapabilities{FileCapabilities{1 << 13, 0, true, 0}}) ==
          "capabilities cap_net_raw=ep");
}

TEST_CASE("what is done to a name is told") {
  REQUIRE(text(Create{Type::directory}) == "create an empty directory");
  REQUIRE(text(SetTarget{"../a\nb"}) == "target ../a\\x0ab");
  REQUIRE(text(Remove{}) == "remove");
}

TEST_CASE("an action on an ACL lists it whole, or says that none is left") {
  REQUIRE(text(SetAcl{
              entries({"user::rw-", "user:1001:r--", "group::r--", "mask::r--", "other::---"})}) ==
          "acl user::rw-,user:bob:r--,group::r--,mask::r--,other::---");
  REQUIRE(text(SetAcl{base_entries(0640)}) == "acl none, mode bits 0640");
  REQUIRE(text(SetDefaultAcl{}) == "default_acl none");
  REQUIRE(text(SetDefaultAcl{base_entries(0750)}) == "default_acl user::rwx,group::r-x,other::---");
}

Principals principals(std::vector<std::uint32_t> users, std::vector<std::uint32_t> groups) {
  Principals out;
  for (const std::uint32_t id : users) out.add_user(id);
  for (const std::uint32_t id : groups) out.add_group(id);
  return out;
}

TEST_CASE("who controls something is told by name, and as trust would have it") {
  const AccountNames names = account_names();
  const Principals both = principals({1001}, {33, 7777});
  REQUIRE(principals_text(both, names) == "user bob, group web and group 7777");
  REQUIRE(trust_text(both, names) == "\"bob\", \"@web\", \"@7777\"");
  Principals all = both;
  all.anyone = true;
  REQUIRE(principals_text(all, names) == "everyone");
  REQUIRE(trust_text(all, names) == "\"*\"");
}

TEST_CASE("of many who control something the first few are told") {
  const Principals many = principals({1, 2, 3, 4}, {5, 6, 7});
  REQUIRE(principals_text(many, AccountNames{}) ==
          "user 1, user 2, user 3, user 4, group 5 and 2 others");
}

}  // namespace
}  // namespace permward::test
