// SPDX-License-Identifier: Apache-2.0
#include "model/acl.hpp"

#include "support/catch.hpp"
#include "support/observations.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace permward {
namespace {

using test::entries;
using test::entry;

std::vector<std::byte> bytes(std::initializer_list<unsigned> values) {
  std::vector<std::byte> out;
  for (const unsigned value : values) out.push_back(std::byte(value));
  return out;
}

TEST_CASE("the value of the extended attribute is read as the kernel lays it out") {
  const auto value = bytes({2,    0, 0, 0,                          // version
                            0x01, 0, 6, 0, 0xff, 0xff, 0xff, 0xff,  // user::rw-
                            0x02, 0, 4, 0, 0xe9, 0x03, 0,    0,     // user:1001:r--
                            0x04, 0, 5, 0, 0xff, 0xff, 0xff, 0xff,  // group::r-x
                            0x08, 0, 7, 0, 0xfe, 0xff, 0xff, 0xff,  // group:4294967294:rwx
                            0x10, 0, 5, 0, 0xff, 0xff, 0xff, 0xff,  // mask::r-x
                            0x20, 0, 0, 0, 0xff, 0xff, 0xff, 0xff});
  const auto acl = AclView::parse(value);
  REQUIRE(acl);
  REQUIRE(acl->size() == 6);
  REQUIRE((*acl)[0] == entry("user::rw-"));
  REQUIRE((*acl)[1] == entry("user:1001:r--"));
  REQUIRE((*acl)[2] == entry("group::r-x"));
  REQUIRE((*acl)[3] == entry("group:4294967294:rwx"));
  REQUIRE((*acl)[4] == entry("mask::r-x"));
  REQUIRE((*acl)[5] == entry("other::---"));
  REQUIRE(acl->extended());
}

TEST_CASE("what is no ACL of the kernel is refused, not guessed at") {
  const std::vector<std::byte> table[] = {
      bytes({}),                                       // no version
      bytes({2, 0, 0}),                                // cut off
      bytes({1, 0, 0, 0}),                             // another version
      bytes({2, 0, 0, 1}),                             //
      bytes({2, 0, 0, 0, 1}),                          // a length that does not fit
      bytes({2, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0}),        //
      bytes({2, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0}),     // tag 0
      bytes({2, 0, 0, 0, 3, 0, 6, 0, 0, 0, 0, 0}),     // two tags in one
      bytes({2, 0, 0, 0, 0x40, 0, 6, 0, 0, 0, 0, 0}),  // an unknown tag
      bytes({2, 0, 0, 0, 1, 1, 6, 0, 0, 0, 0, 0}),     // high byte of the tag
      bytes({2, 0, 0, 0, 1, 0, 8, 0, 0, 0, 0, 0}),     // rights beyond rwx
      bytes({2, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0}),     //
      bytes({2, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 9, 0, 6, 0, 0, 0, 0, 0}),  // the second entry
  };
  for (const auto& value : table) {
    INFO(value.size() << " bytes");
    REQUIRE_FALSE(AclView::parse(value));
  }
}

TEST_CASE("an ACL without entries is none") {
  const auto value = bytes({2, 0, 0, 0});
  const auto acl = AclView::parse(value);
  REQUIRE(acl);
  REQUIRE(acl->empty());
  REQUIRE(acl->size() == 0);
  REQUIRE_FALSE(acl->extended());
  REQUIRE_FALSE(acl->find(AclTag::mask));
  REQUIRE(AclView().empty());
}

TEST_CASE("the id of an entry that is not named means nothing") {
  const auto value = bytes({2, 0, 0, 0, 0x10, 0, 7, 0, 0x2a, 0, 0, 0});
  REQUIRE((*AclView::parse(value))[0] == entry("mask::rwx"));
}

TEST_CASE("an ACL of base entries alone says no more than a mode") {
  const auto base = encode_acl(entries({"user::rw-", "group::r--", "other::r--"}));
  REQUIRE_FALSE(AclView::parse(base)->extended());
  const auto masked = encode_acl(entries({"user::rw-", "group::r--", "mask::r--", "other::r--"}));
  REQUIRE(AclView::parse(masked)->extended());
  const auto named = encode_acl(entries({"user::rw-", "group:33:---", "group::r--", "other::r--"}));
  REQUIRE(AclView::parse(named)->extended());
}

TEST_CASE("the mask bounds what an entry gives") {
  const auto value =
      encode_acl(entries({"user::rwx", "user:1001:rwx", "group::r-x", "mask::r--", "other::---"}));
  const AclView acl = *AclView::parse(value);
  REQUIRE(acl.masked(7) == 4);
  REQUIRE(acl.masked(3) == 0);
  REQUIRE(acl.masked(4) == 4);
}

TEST_CASE("without a mask nothing is taken from an entry") {
  const auto value = encode_acl(entries({"user::rw-", "group::rwx", "other::r--"}));
  REQUIRE(AclView::parse(value)->masked(7) == 7);
  REQUIRE(AclView().masked(5) == 5);
}

TEST_CASE("the first entry of a tag is found") {
  const auto value = encode_acl(entries({"user:1002:r--", "user:1001:rw-", "mask::rw-"}));
  const AclView acl = *AclView::parse(value);
  REQUIRE(acl.find(AclTag::user) == entry("user:1001:rw-"));
  REQUIRE(acl.find(AclTag::mask) == entry("mask::rw-"));
  REQUIRE_FALSE(acl.find(AclTag::group));
}

TEST_CASE("entries are written in the order of acl(5), by tag and then by id") {
  const auto value =
      encode_acl(entries({"other::r--", "mask::rwx", "group:33:r--", "group:4:rw-", "group::r-x",
                          "user:1002:---", "user:0:rwx", "user::rw-"}));
  const AclView acl = *AclView::parse(value);
  const auto wanted = entries({"user::rw-", "user:0:rwx", "user:1002:---", "group::r-x",
                               "group:4:rw-", "group:33:r--", "mask::rwx", "other::r--"});
  REQUIRE(acl.size() == wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) REQUIRE(acl[i] == wanted[i]);
  REQUIRE(std::is_sorted(wanted.begin(), wanted.end(), acl_order));
}

TEST_CASE("what is encoded is what the kernel takes") {
  const auto value = encode_acl(entries({"mask::r-x", "user:1001:rw-"}));
  REQUIRE(value == bytes({2, 0, 0,    0, 0x02, 0, 6,    0,    0xe9, 0x03,
                          0, 0, 0x10, 0, 5,    0, 0xff, 0xff, 0xff, 0xff}));
}

TEST_CASE("T80 the biggest ACL that a file system keeps is read entry by entry") {
  std::vector<AclEntry> all = entries({"user::rw-", "group::---", "mask::r--", "other::---"});
  for (std::uint32_t i = 0; i < 8187; ++i) all.push_back({AclTag::user, 4, 10000 + i});
  const auto value = encode_acl(all);
  REQUIRE(value.size() == 4 + 8 * 8191);
  const auto acl = AclView::parse(value);
  REQUIRE(acl);
  REQUIRE(acl->size() == 8191);
  REQUIRE((*acl)[8187] == entry("user:18186:r--"));
  REQUIRE(acl->find(AclTag::other) == entry("other::---"));
}

TEST_CASE("T82 ids without an account are ids like any other") {
  const auto value = encode_acl(entries({"user:103221:rw-", "group:4294967294:r--"}));
  const AclView acl = *AclView::parse(value);
  REQUIRE(acl[0].id == 103221);
  REQUIRE(acl[1].id == 4294967294);
}

TEST_CASE("entries need not be sorted to be read") {
  const auto value = bytes({2, 0, 0, 0, 0x20, 0, 4, 0, 0, 0, 0, 0, 0x01, 0, 6, 0, 0, 0, 0, 0});
  const auto acl = AclView::parse(value);
  REQUIRE(acl);
  REQUIRE(acl->find(AclTag::user_obj) == entry("user::rw-"));
}

TEST_CASE("only users and groups are named entries") {
  REQUIRE(entry("user:1:r--").named());
  REQUIRE(entry("group:1:r--").named());
  for (const char* text : {"user::r--", "group::r--", "mask::r--", "other::r--"}) {
    REQUIRE_FALSE(entry(text).named());
  }
}

TEST_CASE("rights are written as three characters") {
  const char* const table[] = {"---", "--x", "-w-", "-wx", "r--", "r-x", "rw-", "rwx"};
  for (unsigned rights = 0; rights < 8; ++rights)
    REQUIRE(permissions_text(rights) == table[rights]);
}

}  // namespace
}  // namespace permward
