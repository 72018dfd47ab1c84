// SPDX-License-Identifier: Apache-2.0
//
// The extended attributes that hold what a rule speaks of: xattr(7). Layer `os`.
#pragma once

#include <string_view>

namespace permward {

inline constexpr const char* access_acl_xattr = "system.posix_acl_access";
inline constexpr const char* default_acl_xattr = "system.posix_acl_default";
inline constexpr const char* capabilities_xattr = "security.capability";

// Bound to one inode, by a key that the kernel alone has: of another one they are wrong.
[[nodiscard]] inline bool is_of_one_inode(std::string_view attribute) {
  return attribute == "security.evm" || attribute == "security.ima";
}

}  // namespace permward
