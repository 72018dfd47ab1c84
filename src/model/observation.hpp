// SPDX-License-Identifier: Apache-2.0
//
// What was read from an object, and what could not be. Layer `model`; values. `os/observe.hpp`
// fills it. The kinds of nothing stay apart: an empty value is *none*, `unsupported` is a file
// system that keeps no such thing, `unreadable` could not be verified, and `not_asked` must not be
// looked at.
#pragma once

#include "model/acl.hpp"
#include "model/attributes.hpp"
#include "model/capabilities.hpp"
#include "model/type.hpp"

#include <cstdint>
#include <optional>
#include <string>

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

struct Observed {
  Type type = Type::absent;
  std::uint32_t owner = 0;
  std::uint32_t group = 0;
  std::uint16_t mode = 0;  // 0 to 07777; with an ACL its group bits are the mask
  std::uint32_t links = 0;
  Identity identity;
  ObservedAttributes attributes;  // of the status those of `attributes_in_status`, at least
  Readout<std::optional<FileCapabilities>> capabilities;
  Readout<std::string> target;  // of a symlink
  Readout<AclView> acl;         // lends the bytes of the buffer that it was read into
};

}  // namespace permward
