// SPDX-License-Identifier: Apache-2.0
//
// The users of this machine, with their homes: for rules that are expanded by them. Layer `os`.
#pragma once

#include "model/listed_user.hpp"

#include <string_view>

namespace permward {

// From the texts of a passwd(5) and a group(5) file, in the order of the first. Lines that are no
// entries are left out.
[[nodiscard]] std::vector<ListedUser> listed_users(std::string_view passwd, std::string_view group);

// `/etc/passwd` and `/etc/group`, or what the name service lists (getpwent(3)). Errors: those of
// reading.
[[nodiscard]] ListedUsers users_of_host(UserSource source);

}  // namespace permward
