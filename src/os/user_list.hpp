// SPDX-License-Identifier: Apache-2.0
//
// Users with their homes: for rules that are expanded by them. Layer `os`.
#pragma once

#include "model/account_file.hpp"
#include "model/listed_user.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace permward {

using GroupNames = std::unordered_map<std::uint32_t, std::string>;

// In the order of the entries; `names` are those of groups.
[[nodiscard]] std::vector<ListedUser> listed_users(const std::vector<PasswdEntry>& entries,
                                                   const GroupNames& names);

// `/etc/passwd` and `/etc/group`, or what the name service lists (getpwent(3)). Lines of the one
// that are no accounts, and names of the other that no account may have, are left out and told.
// Errors: those of reading; EFBIG where a file has more than `most_account_bytes`.
[[nodiscard]] ListedUsers users_of_host(UserSource source);

}  // namespace permward
