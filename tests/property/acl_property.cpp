// SPDX-License-Identifier: Apache-2.0
// ACLs to bytes and back, and bytes that nobody vouches for.
#include "model/acl.hpp"
#include "support/property.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace permward::test {
namespace {

AclEntry drawn_entry() {
  static const std::vector<AclTag> tags = {AclTag::user_obj, AclTag::user, AclTag::group_obj,
                                           AclTag::group,    AclTag::mask, AclTag::other};
  AclEntry out;
  out.tag = *rc::gen::elementOf(tags);
  out.permissions = *rc::gen::inRange<std::uint8_t>(0, 8);
  const std::vector<std::uint32_t> ids = {0, 1, 1001, 65534, 65536, 4294967294};
  if (out.named()) out.id = *rc::gen::elementOf(ids);
  return out;
}

TEST_CASE("an ACL that was encoded is read again entry by entry") {
  check_property("ACLs to bytes and back", 2000, 50000, [] {
    std::vector<AclEntry> all;
    for (int i = *rc::gen::inRange(0, 9); i > 0; --i) all.push_back(drawn_entry());
    const std::vector<std::byte> value = encode_acl(all);
    const auto acl = AclView::parse(value);
    RC_ASSERT(acl.has_value());
    RC_ASSERT(acl->size() == all.size());
    std::stable_sort(all.begin(), all.end(), acl_order);
    std::vector<AclEntry> again;
    bool extended = false;
    for (std::size_t i = 0; i < acl->size(); ++i) {
      again.push_back((*acl)[i]);
      extended = extended || again[i].named() || again[i].tag == AclTag::mask;
    }
    RC_ASSERT(std::is_sorted(again.begin(), again.end(), acl_order));
    RC_ASSERT(std::is_permutation(again.begin(), again.end(), all.begin(), all.end()));
    RC_ASSERT(acl->extended() == extended);
    RC_ASSERT(acl->empty() == all.empty());
  });
}

TEST_CASE("bytes are an ACL, or refused, whatever they are") {
  check_property("bytes read as ACLs", 3000, 100000, [] {
    const std::vector<std::byte> pool = {std::byte(0),  std::byte(1),  std::byte(2),
                                         std::byte(4),  std::byte(7),  std::byte(8),
                                         std::byte(16), std::byte(32), std::byte(255)};
    std::vector<std::byte> value = {std::byte(2), std::byte(0), std::byte(0), std::byte(0)};
    if (*rc::gen::inRange(0, 8) == 0) value.pop_back();
    for (int i = *rc::gen::inRange(0, 18); i > 0; --i) value.push_back(*rc::gen::elementOf(pool));
    const auto acl = AclView::parse(value);
    if (!acl) return;
    for (std::size_t i = 0; i < acl->size(); ++i) {
      const AclEntry entry = (*acl)[i];
      RC_ASSERT(entry.permissions <= 7);
      RC_ASSERT(entry.named() || entry.id == 0U);
    }
  });
}

}  // namespace
}  // namespace permward::test
