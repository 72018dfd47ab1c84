// SPDX-License-Identifier: Apache-2.0
//
// The users that rules with `${home}`, `${user}` or `${group}` are expanded by. Layer `model`;
// values only. Who lists them is `os/user_list.hpp`.
#pragma once

#include "base/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace permward {

// Where `users` looks: the passwd file, or the name service with all that it knows.
enum class UserSource : std::uint8_t { passwd, nss };
inline constexpr std::array<std::string_view, 2> user_source_names = {"passwd", "nss"};

struct ListedUser {
  std::string name;  // a `valid_account_name`
  std::uint32_t uid = 0;
  std::string group;  // the primary group's name, or its number where that has none
  std::string home;   // as it stands there: may be empty, relative, or hold `..`
};

// Whom a source has, and what could not be read there: a line of a file, or an account whose name
// none may have.
struct LeftOut {
  std::string what;  // "line 7 of /etc/passwd"
  std::string why;
};
struct UserList {
  std::vector<ListedUser> users;
  std::size_t left_out = 0;
  std::vector<LeftOut> first_left_out;  // the first of them, at most `most_left_out_told`
};
inline constexpr std::size_t most_left_out_told = 16;

using ListedUsers = Result<UserList>;

}  // namespace permward
