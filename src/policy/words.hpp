// SPDX-License-Identifier: Apache-2.0
//
// The wording that messages share. Layer `policy`; pure.
#pragma once

#include "base/words.hpp"

#include <span>
#include <string>
#include <string_view>

namespace permward {

// Text of a policy inside a message: escaped, in single quotes, and cut where it is long.
[[nodiscard]] std::string quoted(std::string_view text);

// "'a', 'b' or 'c'".
[[nodiscard]] std::string one_of(std::span<const std::string_view> words);

}  // namespace permward
