// SPDX-License-Identifier: Apache-2.0
//
// Whether an ACL may be written. Layer `os`; makes no system call.
#pragma once

#include "model/acl.hpp"

#include <vector>

namespace permward {

// What acl_check(3) asks for: each of the three base entries once, at most one mask, and one where
// there are named entries, no account named twice. Beside it, permissions of 0 to 7 and ids below
// 4294967295, which is none. The kernel would take accounts that are named twice. The order of
// `entries` does not matter: `encode_acl` makes it.
[[nodiscard]] bool valid_acl(const std::vector<AclEntry>& entries);

}  // namespace permward
