// SPDX-License-Identifier: Apache-2.0
//
// The extended attributes that hold what a rule speaks of: xattr(7). Layer `os`.
#pragma once

namespace permward {

inline constexpr const char* access_acl_xattr = "system.posix_acl_access";
inline constexpr const char* default_acl_xattr = "system.posix_acl_default";
inline constexpr const char* capabilities_xattr = "security.capability";

}  // namespace permward
