// SPDX-License-Identifier: Apache-2.0
#include "store/state_text.hpp"

#include "support/catch.hpp"

using namespace permward;

namespace {

const std::string plain = "type=file owner=0 group=42 mode=0640";

ObjectState plain_state() {
  ObjectState out;
  out.type = Type::file;
  out.group = 42;
  out.mode = 0640;
  return out;
}

}  // namespace

TEST_CASE("a state is one line, and what it does not have is not in it") {
  REQUIRE(state_text(plain_state()) == plain);
  REQUIRE(state_text(ObjectState{}) == "type=absent owner=0 group=0 mode=0000");

  ObjectState full = plain_state();
  full.acl = {{AclTag::user_obj, 6, 0}, {AclTag::user, 4, 1000}, {AclTag::group_obj, 4, 0},
              {AclTag::group, 0, 0},    {AclTag::mask, 5, 0},    {AclTag::other, 0, 0}};
  full.default_acl = {{AclTag::user_obj, 7, 0}, {AclTag::group_obj, 5, 0}, {AclTag::other, 1, 0}};
  full.capabilities = FileCapabilities{0x2400, 0, true, 0};
  full.attributes = AttributeSet(Attribute::immutable) | Attribute::append_only;
  full.target = "../a b%\xff";
  full.content.emplace().fill(0x0f);
  const std::string text =
      plain +
      " acl=user::rw-,user:1000:r--,group::r--,group:0:---,mask::r-x,other::---"
      " default_acl=user::rwx,group::r-x,other::--x"
      " capabilities=2400/0/e/0 attributes=ia target=../a%20b%25%ff content=" +
      std::string(64, '0').replace(0, 64, [] {
        std::string digits;
        for (int i = 0; i < 32; ++i) digits += "0f";
        return digits;
      }());
  REQUIRE(state_text(full) == text);
  REQUIRE(parse_state(text) == full);
}

TEST_CASE("the greatest values are read again") {
  ObjectState state;
  state.type = Type::block;
  state.owner = state.group = 4294967294;
  state.mode = 07777;
  state.acl = {{AclTag::user, 7, 4294967295}};
  state.capabilities = FileCapabilities{~std::uint64_t{0}, ~std::uint64_t{0}, false, 4294967295};
  state.attributes = AttributeSet::all();
  for (int byte = 255; byte > 0; --byte) state.target += static_cast<char>(byte);
  REQUIRE(parse_state(state_text(state)) == state);
}

TEST_CASE("empty capabilities are not the same as none") {
  ObjectState state = plain_state();
  state.capabilities.emplace();
  REQUIRE(state_text(state) == plain + " capabilities=0/0/-/0");
  REQUIRE(parse_state(state_text(state)) == state);
}

TEST_CASE("what is not written as a state is written is refused") {
  const std::vector<std::string> heads = {
      "",
      " ",
      "type=file",
      "type=file owner=0 group=42",
      " " + plain,
      plain + " ",
      plain + "\n",
      "owner=0 type=file group=42 mode=0640",
      "type=file type=file owner=0 group=42 mode=0640",
      "type=file  owner=0 group=42 mode=0640",
      "type=File owner=0 group=42 mode=0640",
      "type= owner=0 group=42 mode=0640",
      "type=file owner=root group=42 mode=0640",
      "type=file owner= group=42 mode=0640",
      "type=file owner=-1 group=42 mode=0640",
      "type=file owner=+1 group=42 mode=0640",
      "type=file owner=00 group=42 mode=0640",
      "type=file owner=4294967295 group=42 mode=0640",
      "type=file owner=0 group=4294967296 mode=0640",
      "type=file owner=0 group=42 mode=640",
      "type=file owner=0 group=42 mode=10000",
      "type=file owner=0 group=42 mode=0680",
      "type=file owner=0 group=42 mode=",
  };
  for (const std::string& text : heads) {
    INFO(text);
    CHECK_FALSE(parse_state(text));
  }
  for (const char* tail : {"colour=red",
                           "mode",
                           "=",
                           "acl=",
                           "acl=user::rw",
                           "acl=user::rwxr",
                           "acl=user::wrx",
                           "acl=user:1000:rw-,user::rw-",
                           "acl=user:7:r--,user:6:r--",
                           "acl=mask:0:rwx",
                           "acl=user:4294967296:rwx",
                           "acl=user:01:rwx",
                           "acl=user::rwx,",
                           "acl=,user::rwx",
                           "acl=users::rwx",
                           "acl=user:rwx",
                           "default_acl=user::rwx acl=user::rwx",
                           "capabilities=",
                           "capabilities=0/0/-",
                           "capabilities=0/0/-/0/",
                           "capabilities=0/0/x/0",
                           "capabilities=A/0/e/0",
                           "capabilities=10000000000000000/0/e/0",
                           "capabilities=0/0/e/4294967296",
                           "attributes=",
                           "attributes=ai",
                           "attributes=ii",
                           "attributes=z",
                           "target=",
                           "target=%00",
                           "target=a%",
                           "target=a%4",
                           "target=%41",
                           "target=%FF",
                           "target=%+f",
                           "target=a b",
                           "target=a=b",
                           "target=\xff",
                           "target=a attributes=i"}) {
    INFO(tail);
    CHECK_FALSE(parse_state(plain + " " + tail));
  }
  CHECK_FALSE(parse_state(plain + std::string(1, '\0')));
}

TEST_CASE("an ACL larger than an extended attribute, and a text without end, are refused") {
  ObjectState state = plain_state();
  state.acl.assign(8191, {AclTag::user, 7, 1});
  REQUIRE(parse_state(state_text(state)) == state);
  state.acl.assign(8192, {AclTag::user, 7, 1});
  REQUIRE_FALSE(parse_state(state_text(state)));

  ObjectState link = plain_state();
  link.target.assign(most_state_text - plain.size() - std::string(" target=").size(), 'x');
  REQUIRE(parse_state(state_text(link)) == link);
  link.target += 'x';
  REQUIRE_FALSE(parse_state(state_text(link)));
}
