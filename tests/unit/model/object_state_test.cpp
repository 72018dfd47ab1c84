// SPDX-License-Identifier: Apache-2.0
#include "model/object_state.hpp"

#include "support/catch.hpp"
#include "support/observations.hpp"
#include "support/states.hpp"

#include <cerrno>
#include <vector>

namespace permward {
namespace {

using test::entries;
using test::seen;
using test::text_of;

const std::vector<std::string> shared = {"user::rw-", "user:1001:rw-", "group::r--", "mask::rw-",
                                         "other::---"};

TEST_CASE("a state is what was read of an object") {
  const FileCapabilities caps{1, 0, true, 0};
  const ObjectState state = state_of(seen(Type::file)
                                         .owner(1001)
                                         .group(33)
                                         .mode(04000)
                                         .acl(shared)
                                         .capabilities(caps)
                                         .attributes(Attribute::immutable));
  CHECK(state.type == Type::file);
  CHECK(state.owner == 1001);
  CHECK(state.group == 33);
  CHECK(state.mode == 04660);
  CHECK(state.acl == entries(shared));
  CHECK(state.default_acl.empty());
  CHECK(state.capabilities == caps);
  CHECK(state.attributes == AttributeSet(Attribute::immutable));
  CHECK(state_of(seen(Type::symlink).target("a/b")).target == "a/b");
}

TEST_CASE("an ACL that says no more than the mode is none, but a default ACL is one") {
  const std::vector<std::string> minimal = {"user::rw-", "group::r--", "other::---"};
  const ObjectState state = state_of(seen(Type::directory).acl(minimal).default_acl(minimal));
  CHECK(state.acl.empty());
  CHECK(state.mode == 0640);
  CHECK(state.default_acl == entries(minimal));
  const std::vector<std::string> mask = {"user::rw-", "group::r--", "mask::r--", "other::---"};
  CHECK(state_of(seen(Type::file).acl(mask)).acl == entries(mask));
}

TEST_CASE("a symlink has no attributes, whatever it has inherited") {
  const ObjectState plain = state_of(seen(Type::symlink).target("a"));
  CHECK(state_of(seen(Type::symlink).target("a").attributes(Attribute::no_dump)) == plain);
}

TEST_CASE("what could not be read, or is not kept, is as if there were none") {
  const ObjectState plain = state_of(seen(Type::file).mode(0640));
  CHECK(state_of(seen(Type::file).mode(0640).acl_unreadable(EIO)) == plain);
  CHECK(state_of(seen(Type::file).mode(0640).acl_unsupported()) == plain);
  CHECK(state_of(seen(Type::file).mode(0640).acl_not_asked()) == plain);
  CHECK(state_of(seen(Type::file).mode(0640).capabilities_not_there(Read::unreadable, EIO)) ==
        plain);
  // A bit of an attribute that is not known says nothing.
  const AttributeSet immutable = Attribute::immutable;
  CHECK(state_of(seen(Type::file).attributes(immutable | Attribute::sync, immutable)).attributes ==
        immutable);
}

TEST_CASE("entries stand in the order of acl(5), those of one account as they were") {
  // The bytes as another program wrote them.
  test::Seen object = seen(Type::file);
  object.acl({"user::rw-", "user:7:r--", "user:5:-w-", "user:5:r--", "group::---", "mask::rw-",
              "other::---"});
  CHECK(text_of(state_of(object).acl) ==
        "user::rw-,user:5:-w-,user:5:r--,user:7:r--,group::---,mask::rw-,other::---");
}

TEST_CASE("of an account that is named twice what counts is left, and never more") {
  const auto left = [](const std::vector<std::string>& texts) {
    return text_of(without_duplicates(entries(texts)));
  };
  CHECK(left({"user::rw-", "user:1:r--", "user:2:r--", "group::r--"}) ==
        "user::rw-,user:1:r--,user:2:r--,group::r--");
  // The first of a user's: the kernel looks no further.
  CHECK(left({"user:1:r--", "user:1:rwx"}) == "user:1:r--");
  CHECK(left({"user:1:rwx", "user:1:r--"}) == "user:1:rwx");
  // Of a group's any that grants all that is asked for.
  CHECK(left({"group:1:r--", "group:1:rwx"}) == "group:1:rwx");
  CHECK(left({"group:1:rwx", "group:1:r--"}) == "group:1:rwx");
  CHECK(left({"group:1:r--", "group:1:-w-", "group:1:r-x"}) == "group:1:r-x");
  // No one entry lets write and search a directory.
  CHECK(left({"group:1:-w-", "group:1:--x"}) == "group:1:-w-");
  CHECK(left({"user:1:r--", "group:1:-w-"}) == "user:1:r--,group:1:-w-");
  CHECK(left({}) == "none");
}

TEST_CASE("an ACL is complete with its base entries, and a mask beside named ones") {
  struct {
    std::vector<std::string> texts;
    bool complete;
  } const table[] = {
      {{}, true},
      {{"user::rw-", "group::r--", "other::---"}, true},
      {{"user::rw-", "group::r--", "mask::r--", "other::---"}, true},
      {shared, true},
      {{"user::rw-", "user:1001:rw-", "group::r--", "other::---"}, false},
      {{"user::rw-", "group:33:rw-", "group::r--", "other::---"}, false},
      {{"group::r--", "mask::r--", "other::---"}, false},
      {{"user::rw-", "mask::r--", "other::---"}, false},
      {{"user::rw-", "group::r--", "mask::r--"}, false},
      {{"mask::r--"}, false},
  };
  for (const auto& row : table) {
    INFO(text_of(entries(row.texts)));
    CHECK(complete(entries(row.texts)) == row.complete);
  }
}

TEST_CASE("a mode and the ACL that says the same are made of each other") {
  CHECK(text_of(base_entries(0640)) == "user::rw-,group::r--,other::---");
  CHECK(text_of(base_entries(07751)) == "user::rwx,group::r-x,other::--x");
  for (const unsigned mode : {0U, 0640U, 0755U, 0777U, 0421U}) {
    CHECK(permission_bits(base_entries(mode)) == mode);
  }
  CHECK(permission_bits(base_entries(07644)) == 0644);
  // The mask stands in the place of the group.
  CHECK(permission_bits(entries(shared)) == 0660);
  CHECK(permission_bits(entries({"user::rwx", "group::rwx", "mask::---", "other::r--"})) == 0704);
}

TEST_CASE("an entry is found by its tag, the first of several") {
  std::vector<AclEntry> acl = entries({"user::rw-", "user:1:r--", "user:2:-w-", "other::--x"});
  CHECK(find_entry(acl, AclTag::user)->id == 1);
  CHECK(find_entry(acl, AclTag::mask) == nullptr);
  find_entry(acl, AclTag::other)->permissions = 7;
  CHECK(acl.back().permissions == 7);
}

}  // namespace
}  // namespace permward
