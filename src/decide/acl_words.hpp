// SPDX-License-Identifier: Apache-2.0
//
// Entries of ACLs in the short text of acl(5). Layer `decide`; pure. For `describe*.cpp` alone.
#pragma once

#include "model/accounts.hpp"
#include "model/acl.hpp"
#include "model/policy.hpp"

#include <string>
#include <vector>

namespace permward {

// One entry, with what it needs to be sorted.
struct EntryText {
  AclEntry entry;
  std::string who;  // "user:bob", "mask:", "user:"

  [[nodiscard]] std::string text() const { return who + ":" + permissions_text(entry.permissions); }
};

[[nodiscard]] EntryText entry_text(const AclEntry& entry, const AccountNames& names);
// `permissions`: what the entry stands for on the object that is spoken of.
[[nodiscard]] EntryText entry_text(const Policy& policy, const AclWantEntry& entry,
                                   unsigned permissions, const AccountNames& names);

// Of the same user, group or base entry, or null.
[[nodiscard]] const EntryText* find_entry(const std::vector<EntryText>& entries,
                                          const AclEntry& wanted);

// Sorted, with commas; "none" for none.
[[nodiscard]] std::string acl_text(std::vector<EntryText> entries);

}  // namespace permward
