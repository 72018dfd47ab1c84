// SPDX-License-Identifier: Apache-2.0
//
// Layer `store`.
#pragma once

#include <cstdint>

namespace permward {

// For what an id begins with. 0 where the system has none: whoever makes ids keeps them apart.
[[nodiscard]] std::uint16_t random_number();

}  // namespace permward
