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
[[nodiscard]] std::string unreadable_acl(const Observed& observed);

[[nodiscard]] Description describe_acl(const Policy& policy, const Demand& demand,
                                       const AclWant& want, const Observed& observed, Status status,
                                       const AccountNames& names);

}  // namespace permward
