// SPDX-License-Identifier: Apache-2.0
//
// Ids that are shown for those which have none here. Layer `os`. user_namespaces(7), "Unmapped user
// and group IDs".
#pragma once

#include <cstdint>
#include <string_view>

namespace permward {

// Of users, or of groups.
struct UnmappedId {
  std::uint32_t id = 65534;  // that is shown; it may have an account, too
  bool all_mapped = false;   // this user namespace has every id: only a mount can lack one
};

struct UnmappedIds {
  UnmappedId user;
  UnmappedId group;
};

// `procfs` is the root of a trusted one, or -1. What cannot be read is taken for the kernel's
// default, and for a namespace that lacks ids.
[[nodiscard]] UnmappedIds read_unmapped_ids(int procfs);

// Whether this text of a uid_map or gid_map has every id: 0 to 4294967294.
[[nodiscard]] bool maps_all_ids(std::string_view map);

}  // namespace permward
