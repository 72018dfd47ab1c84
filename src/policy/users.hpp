// SPDX-License-Identifier: Apache-2.0
//
// `users`: by whom a rule with `${home}`, `${user}` or `${group}` is expanded. Layer `policy`;
// pure.
#pragma once

#include "model/listed_user.hpp"
#include "policy/document.hpp"
#include "policy/reading.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace permward {

// Those with an id in the range, but for the ones named.
struct UsersWant {
  std::uint32_t min_uid = 1000;
  std::uint32_t max_uid = 60000;
  std::vector<std::string> exclude;
  UserSource source = UserSource::passwd;
};

[[nodiscard]] UsersWant read_users(Reading& reading, const Entry& entry);

// Whether a string among the values uses one of the variables that stand for a user.
[[nodiscard]] bool uses_user_variables(std::span<const Entry> entries);

// Of `listed` those that a rule is expanded by, in that order, their homes with slashes folded.
// Left out, with a warning at `pos`: whose home is no path that a rule could have (empty, relative,
// `/`, with `.` or `..`, too long). Of two with one home the first counts.
[[nodiscard]] std::vector<ListedUser> users_to_expand_by(Reading& reading, const UsersWant& want,
                                                         std::span<const ListedUser> listed,
                                                         Pos pos);

// A warning at `pos` for each that the list of users could not give.
void tell_left_out(Reading& reading, const UserList& list, Pos pos);

// Stands for any user where only mistakes are looked for.
[[nodiscard]] const ListedUser& some_user();

}  // namespace permward
