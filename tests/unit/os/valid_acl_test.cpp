// SPDX-License-Identifier: Apache-2.0
#include "os/valid_acl.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <cstdint>

using namespace permward;

namespace {

using Entries = std::vector<AclEntry>;

const Entries base = {{AclTag::user_obj, 6, 0}, {AclTag::group_obj, 4, 0}, {AclTag::other, 0, 0}};

Entries with(Entries entries, const Entries& more) {
  entries.insert(entries.end(), more.begin(), more.end());
  return entries;
}

const AclEntry mask{AclTag::mask, 7, 0};
const AclEntry alice{AclTag::user, 6, 1001};
const AclEntry web{AclTag::group, 5, 33};

}  // namespace

TEST_CASE("an ACL that may be written has the base entries, and a mask beside named ones") {
  CHECK(valid_acl(base));
  CHECK(valid_acl(with(base, {mask})));
  CHECK(valid_acl(with(base, {mask, alice, web})));
  CHECK(valid_acl(with(base, {mask, alice, {AclTag::user, 0, 0}, {AclTag::user, 7, 0xfffffffe}})));
  // A user and a group of the same id are two accounts.
  CHECK(valid_acl(with(base, {mask, {AclTag::user, 6, 33}, web})));
}

TEST_CASE("the order of the entries makes no ACL invalid") {
  Entries entries = with(base, {mask, alice, web, {AclTag::user, 1, 7}});
  std::sort(entries.begin(), entries.end(), acl_order);
  do {
    CHECK(valid_acl(entries));
  } while (std::next_permutation(entries.begin(), entries.end(), acl_order));
}

TEST_CASE("an ACL that lacks an entry, or has one twice, is not valid") {
  CHECK_FALSE(valid_acl({}));
  for (std::size_t i = 0; i < base.size(); ++i) {
    Entries entries = base;
    entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(i));
    CHECK_FALSE(valid_acl(entries));
    CHECK_FALSE(valid_acl(with(entries, {mask, alice})));
    CHECK_FALSE(valid_acl(with(base, {base[i]})));
  }
  CHECK_FALSE(valid_acl(with(base, {alice})));
  CHECK_FALSE(valid_acl(with(base, {web})));
  CHECK_FALSE(valid_acl(with(base, {mask, mask})));
  CHECK_FALSE(valid_acl(with(base, {mask, alice, {AclTag::user, 0, 1001}})));
  CHECK_FALSE(valid_acl(with(base, {mask, web, alice, web})));
}

TEST_CASE("tags, ids and permissions that are none are not valid") {
  CHECK_FALSE(valid_acl(with(base, {mask, {AclTag::user, 6, 0xffffffff}})));
  CHECK_FALSE(valid_acl(with(base, {mask, {AclTag::group, 6, 0xffffffff}})));
  CHECK_FALSE(valid_acl(with(base, {mask, {AclTag::user, 8, 1001}})));
  CHECK_FALSE(valid_acl(with(base, {{AclTag::mask, 0x17, 0}, alice})));
  CHECK_FALSE(valid_acl(with(base, {{static_cast<AclTag>(0x40), 6, 0}})));
  CHECK_FALSE(valid_acl(with(base, {{static_cast<AclTag>(0), 6, 0}})));
}

TEST_CASE("an ACL of any size may be valid") {
  Entries entries = with(base, {mask});
  for (std::uint32_t i = 0; i < 8187; ++i) entries.push_back({AclTag::group, 4, 20000 - i});
  CHECK(valid_acl(entries));
  entries.push_back({AclTag::group, 4, 20000});
  CHECK_FALSE(valid_acl(entries));
}
