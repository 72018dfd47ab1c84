// SPDX-License-Identifier: Apache-2.0
//
// What can only be said of a policy once its accounts have been looked up. Layer `policy`; pure.
#pragma once

#include "model/diagnostic.hpp"
#include "model/policy.hpp"

#include <span>
#include <string>

namespace permward {

// Appends a warning for each account that does not exist, with the nearest of the names that can be
// listed, and for each that could not be looked up; an error for each ACL that names one account
// twice, as a name and as a number. No account is pending.
void check_accounts(const Policy& policy, std::span<const std::string> user_names,
                    std::span<const std::string> group_names, Diagnostics& diagnostics);

}  // namespace permward
