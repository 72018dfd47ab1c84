// SPDX-License-Identifier: Apache-2.0
//
// Entries of ACLs in the short text of acl(5). Layer `decide`; pure. For `describe*.cpp` alone.
#pragma once

#include "model/accounts.hpp"
#include "model/acl.hpp"
#include "model/policy.hpp"

#include <cstddef>
#include <string>
#include <utility>
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

// Of what stands on an object, which is an enemy's to fill, so much is told, and how much more
// there is. An ACL has up to 8,187 named entries, and each object may have one.
inline constexpr std::size_t most_told = 100;

// Sorted, with commas; "none" for none.
[[nodiscard]] std::string acl_text(std::vector<EntryText> entries);
// The same of what an object has: the first `most_told`.
[[nodiscard]] std::string present_acl_text(std::vector<EntryText> entries);

// What tells an ACL from what is demanded, part by part. Of what only the object has the first
// `most_told` are told; the policy's own entries and the mask are never left out for it.
class AclDifferences {
 public:
  void add(std::string part) { parts_.push_back(std::move(part)); }
  void add_extra(std::string part);
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::string> parts_;
  std::size_t extra_ = 0;
  std::size_t last_extra_ = 0;  // among `parts_`
};

}  // namespace permward
