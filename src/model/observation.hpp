// SPDX-License-Identifier: Apache-2.0
//
// What was read from an object, and what could not be. Layer `model`; values. `os/observe.hpp`
// fills it. The kinds of nothing stay apart: an empty value is *none*, `unsupported` is a file
// system that keeps no such thing, `unreadable` could not be verified, and `not_asked` must not be
// looked at.
#pragma once

#include "base/sha256.hpp"
#include "model/acl.hpp"
#include "model/attributes.hpp"
#include "model/capabilities.hpp"
#include "model/rule.hpp"
#include "model/type.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace permward {

enum class Read : std::uint8_t { not_asked, value, unsupported, unreadable };

template <class T>
struct Readout {
  Read state = Read::not_asked;
  int error = 0;  // errno of `unreadable`
  T value{};      // of `value`; may be empty, which is "none"
};

// What is known of an object's attributes. Those that are not known are `unsupported` (the file
// system keeps none) or `unreadable`, as `others` says.
struct ObservedAttributes {
  AttributeSet known;
  AttributeSet set;  // of those that are known
  Read others = Read::unsupported;
  int error = 0;  // errno of `unreadable`
};

// One object: the same inode reached through the same mount.
struct Identity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t mount = 0;  // statx(2)'s stx_mnt_id

  bool operator==(const Identity&) const = default;
};

// A time of statx(2): of its birth (stx_btime), which tells two objects apart that have had one
// inode number; or of the last change of its content or of what is known of it (stx_ctime).
struct FileTime {
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;
  bool operator==(const FileTime&) const = default;
};
using BirthTime = FileTime;

// What lies in a directory and is not listed by one demand on its entries.
struct UnlistedEntries {
  const EntriesWant* want = nullptr;
  std::uint64_t count = 0;
  std::vector<std::string> first;  // the first of them by their bytes, at most `most_named_entries`
};
inline constexpr std::size_t most_named_entries = 3;

// What was counted for `want`, or null.
[[nodiscard]] inline const UnlistedEntries* unlisted_of(const std::vector<UnlistedEntries>& all,
                                                        const EntriesWant& want) {
  for (const UnlistedEntries& one : all) {
    if (one.want == &want) return &one;
  }
  return nullptr;
}

struct SnapshotObject;

struct Observed {
  Type type = Type::absent;
  std::uint32_t owner = 0;
  std::uint32_t group = 0;
  std::uint16_t mode = 0;  // 0 to 07777; with an ACL its group bits are the mask
  std::uint32_t links = 0;
  std::uint64_t size = 0;  // bytes, as stat(2) has it
  Identity identity;
  std::optional<BirthTime> birth;  // where the file system knows it; of what a descriptor holds
  FileTime changed;
  FileTime modified;
  ObservedAttributes attributes;  // of the status those of `attributes_in_status`, at least
  Readout<std::optional<FileCapabilities>> capabilities;
  Readout<std::string> target;  // of a symlink
  // The ACLs lend the bytes of the buffers that they were read into.
  Readout<AclView> acl;
  Readout<AclView> default_acl;  // of a directory
  // Whether it is shown as the id that stands for all which have none in this user namespace, or
  // mount (user_namespaces(7)): then nobody here knows whose it is.
  bool owner_unmapped = false;
  bool group_unmapped = false;
  // Whether its owner, its group, has an account.
  Readout<bool> owner_account;
  Readout<bool> group_account;
  Readout<std::vector<UnlistedEntries>> entries;  // of a directory; one a demand
  Readout<Sha256::Digest> content;                // of a file
  Readout<const SnapshotObject*> accepted;        // of its path; null: never
};

}  // namespace permward
