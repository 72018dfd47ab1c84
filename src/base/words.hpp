// SPDX-License-Identifier: Apache-2.0
//
// Words for numbers and lists, in messages. Layer `base`; pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace permward {

// "1 object", "2 objects".
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view noun);

// "a", "a and b", "a, b and c", with that conjunction.
[[nodiscard]] std::string listed(std::span<const std::string> parts, std::string_view conjunction);

// "2027-03-31", of a date of the common era.
[[nodiscard]] std::string date_text(std::chrono::year_month_day date);

}  // namespace permward
