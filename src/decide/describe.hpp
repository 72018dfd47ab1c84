// SPDX-License-Identifier: Apache-2.0
//
// What the texts of several aspects share. Layer `decide`; pure. For `describe*.cpp` alone:
// everybody else asks `describe` of `compare.hpp`.
#pragma once

#include "decide/compare.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace permward {

[[nodiscard]] std::string joined(const std::vector<std::string>& parts, std::string_view separator);

// Why an account has no id.
[[nodiscard]] std::string unresolved(const Account& account);
// Why there is no ACL to look at.
[[nodiscard]] std::string unreadable_acl(const Readout<AclView>& acl);
// Of the first account in them that has no id; empty where all have one.
[[nodiscard]] std::string unresolved_entries(const Policy& policy,
                                             const std::vector<AclWantEntry>& entries);
inline constexpr std::string_view no_acls_here = "this file system keeps no ACLs";
inline constexpr std::string_view empty_mask =
    "the mask of such an ACL comes out as ---, and the kernel would not look at it; "
    "write mask::r--";

[[nodiscard]] Description describe_acl(const Policy& policy, const Demand& demand,
                                       const AclWant& want, const Observed& observed, Status status,
                                       const AccountNames& names);
[[nodiscard]] Description describe_default_acl(const Policy& policy, const DefaultAclWant& want,
                                               const Observed& observed, Status status,
                                               const AccountNames& names);

}  // namespace permward
