// SPDX-License-Identifier: Apache-2.0
//
// What a run may change of an object, as a value that outlives the reading of it: the states before
// and after a change are two of them, and the journal keeps both. Layer `model`; values and pure
// functions.
#pragma once

#include "base/sha256.hpp"
#include "model/acl.hpp"
#include "model/attributes.hpp"
#include "model/capabilities.hpp"
#include "model/observation.hpp"
#include "model/type.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace permward {

struct ObjectState {
  Type type = Type::absent;
  std::uint32_t owner = 0;
  std::uint32_t group = 0;
  std::uint16_t mode =
      0;  // 0 to 07777, as stat(2) shows it: with an ACL its group bits are the mask
  // Every entry of an ACL that says more than the mode, in `acl_order`; empty: there is none. Its
  // `user_obj`, `mask` and `other` are those of `mode`.
  std::vector<AclEntry> acl;
  std::vector<AclEntry> default_acl;  // of a directory; likewise, but the mode says nothing of it
  std::optional<FileCapabilities> capabilities;  // of a file
  AttributeSet attributes;                       // those that are set
  std::string target;                            // of a symlink
  // Of a file, where a run is about what is in it; no observation has it.
  std::optional<Sha256::Digest> content;

  bool operator==(const ObjectState&) const = default;
};

// As it was read. What could not be read, or was not asked for, is as if there were none: whoever
// plans with it has to leave that alone. Attributes of a symlink nobody sets, but on tmpfs it has
// inherited those of its directory, and another one in its place would have others.
[[nodiscard]] ObjectState state_of(const Observed& observed);

// The same ACL, in `acl_order`, with one entry for each account. The kernel does not mind several,
// of which the first counts for a user, and each by itself for a group; libacl refuses to write
// them. Of a group's the greatest is left, or the first, where each has what the other lacks:
// together they would give rights that come from no one entry.
[[nodiscard]] std::vector<AclEntry> without_duplicates(const std::vector<AclEntry>& acl);

// True of no ACL, and of one that has its three base entries, and a mask beside named ones. No
// other can be set; but the kernel hands out what it finds on a file system that somebody made by
// hand.
[[nodiscard]] bool complete(const std::vector<AclEntry>& acl);

// The nine permission bits of `mode` as an ACL without named entries and mask.
[[nodiscard]] std::vector<AclEntry> base_entries(unsigned mode);

// The ACL of the object, or where it has none what its mode is as one.
[[nodiscard]] std::vector<AclEntry> whole_acl(const ObjectState& state);

// The rights that its mask leaves; all, where it has none.
[[nodiscard]] unsigned mask_of(const std::vector<AclEntry>& acl);

// The nine permission bits that stat(2) shows of an object with this ACL: the mask, or without one
// the owning group's rights, in the place of the group.
[[nodiscard]] std::uint16_t permission_bits(const std::vector<AclEntry>& acl);

// The first entry of that tag, or null.
[[nodiscard]] const AclEntry* find_entry(const std::vector<AclEntry>& acl, AclTag tag);
[[nodiscard]] AclEntry* find_entry(std::vector<AclEntry>& acl, AclTag tag);

}  // namespace permward
