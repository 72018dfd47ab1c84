// SPDX-License-Identifier: Apache-2.0
//
// One change of one object, as large as one system call makes it. Layer `model`; values only.
// `decide/plan.hpp` puts them in order, `os/changer.hpp` carries them out.
#pragma once

#include "model/acl.hpp"
#include "model/attributes.hpp"
#include "model/capabilities.hpp"

#include <cstdint>
#include <optional>
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

using Action =
    std::variant<SetAttributes, SetMode, SetOwner, SetAcl, SetDefaultAcl, SetCapabilities>;

}  // namespace permward
