// SPDX-License-Identifier: Apache-2.0
//
// What a rule demands, aspect by aspect: keys of a rule, and of its `files` and `directories`
// tables. Layer `policy`; pure.
#pragma once

#include "model/rule.hpp"
#include "policy/account_table.hpp"
#include "policy/reading.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace permward {

// The aspect that a key demands; null where it demands none. `presence` and `type` are not among
// them: they say what a rule is about.
[[nodiscard]] const AspectRow* demand_of_key(std::string_view key);

// The keys that `demand_of_key` knows.
[[nodiscard]] std::vector<std::string_view> demand_keys();

// The account that a string or number names; nothing, and a mistake, where it can name none. `key`
// is for the message.
[[nodiscard]] std::optional<std::uint32_t> read_account(Reading& reading, AccountTable& accounts,
                                                        AccountKind kind, Value value,
                                                        std::string_view key);

// Appends the clause that `entry` states; its types are those that the aspect has, and the rule
// cuts them. What cannot be read, or is not in this version, is reported and left out.
void read_demand(Reading& reading, AccountTable& accounts, const AspectRow& aspect,
                 const Entry& entry, std::vector<Clause>& clauses);

// The table `files` or `directories`, of which `type` is.
void read_demands_of_type(Reading& reading, AccountTable& accounts, const Entry& entry, Type type,
                          std::vector<Clause>& clauses);

// `any_of`: tables of demands, each marked with its number. What cannot be read is reported, and
// then there are none.
[[nodiscard]] std::vector<Clause> read_alternatives(Reading& reading, AccountTable& accounts,
                                                    const Entry& entry);

}  // namespace permward
