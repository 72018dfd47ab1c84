// SPDX-License-Identifier: Apache-2.0
//
// The value of `mode`: octal or symbolic text, or bounds. Layer `policy`; pure.
#pragma once

#include "model/mode.hpp"
#include "policy/reading.hpp"

#include <optional>

namespace permward {

// Nothing where it cannot be read, which is reported.
[[nodiscard]] std::optional<ModeWant> read_mode(Reading& reading, const Entry& entry);

}  // namespace permward
