// SPDX-License-Identifier: Apache-2.0
//
// One change of one object, or of its name, as large as one system call makes it. Layer `model`;
// values only. `decide/plan.hpp` puts them in order, `os/changer.hpp` carries them out.
#pragma once

#include "model/acl.hpp"
#include "model/attributes.hpp"
#include "model/capabilities.hpp"
#include "model/observation.hpp"
#include "model/type.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace permward {

// chattr(1). The others stay as they are.
struct SetAttributes {
  AttributeSet set;
  AttributeSet clear;
  bool operator==(const SetAttributes&) const = default;
};

// chmod(2), all twelve bits. With an ACL it moves the mask, and not the owning group's rights.
struct SetMode {
  std::uint16_t mode = 0;
  bool operator==(const SetMode&) const = default;
};

// chown(2). What is not given stays. Of anything but a directory it drops the set-user-ID bit, the
// set-group-ID bit where the group may execute, and the capabilities.
struct SetOwner {
  std::optional<std::uint32_t> owner;
  std::optional<std::uint32_t> group;
  bool operator==(const SetOwner&) const = default;
};

// The whole access ACL in one write, in `acl_order`; the nine permission bits follow it. With the
// three base entries alone no ACL is left.
struct SetAcl {
  std::vector<AclEntry> entries;
  bool operator==(const SetAcl&) const = default;
};

// The whole default ACL of a directory; no entries: none is left.
struct SetDefaultAcl {
  std::vector<AclEntry> entries;
  bool operator==(const SetDefaultAcl&) const = default;
};

// Of a file; nothing: none are left.
struct SetCapabilities {
  std::optional<FileCapabilities> value;
  bool operator==(const SetCapabilities&) const = default;
};

// An empty file or directory, root's and without any right, where nothing is. What its directory
// hands down it has: group, default ACL, attributes.
struct Create {
  Type type = Type::file;
  bool operator==(const Create&) const = default;
};

// A new link of the same owner in the place of the old one: a link's text cannot be changed.
struct SetTarget {
  std::string target;
  bool operator==(const SetTarget&) const = default;
};

// Of an empty file or directory; or of a file or link, whatever is in it, that evidence was kept
// of.
struct Remove {
  bool kept = false;
  bool operator==(const Remove&) const = default;
};

// A file or link with all that the store keeps of it, in the place of the file or link that is
// there, or where nothing is. Only immutable and append-only are still to come.
struct Install {
  Type type = Type::file;
  bool operator==(const Install&) const = default;
};

// xattr(7); without a value it is removed.
struct SetExtended {
  std::string name;
  std::optional<std::string> value;
  bool operator==(const SetExtended&) const = default;
};

// When its content was last modified.
struct SetModified {
  FileTime time;
  bool operator==(const SetModified&) const = default;
};

using Action =
    std::variant<SetAttributes, SetMode, SetOwner, SetAcl, SetDefaultAcl, SetCapabilities, Create,
                 SetTarget, Remove, Install, SetExtended, SetModified>;

}  // namespace permward
