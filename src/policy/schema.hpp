// SPDX-License-Identifier: Apache-2.0
//
// The number of the language that a file is written in. Layer `policy`; pure.
#pragma once

#include "policy/reading.hpp"

#include <cstdint>
#include <string_view>

namespace permward {

inline constexpr std::string_view schema_key = "schema";
inline constexpr std::int64_t known_schema = 1;

// Whether the rest can be read: keys of another schema may mean anything.
[[nodiscard]] bool knows_schema(Reading& reading, const Entry& entry);

}  // namespace permward
