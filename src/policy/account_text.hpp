// SPDX-License-Identifier: Apache-2.0
//
// The text of users and groups. Layer `policy`; pure. What is malformed is refused here, so that
// nothing odd ever reaches a name service (CVE-2017-1000082: a name that was no name meant root).
#pragma once

#include "model/accounts.hpp"
#include "policy/parsed.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace permward {

// What is wrong with `text` as a name or number of an account; nothing if it can be one.
[[nodiscard]] std::optional<TextError> account_mistake(AccountKind kind, std::string_view text);

// The text of an id that was written as a number: "0" to "4294967294".
[[nodiscard]] Parsed<std::string> account_of_number(AccountKind kind, std::int64_t number);

}  // namespace permward
