// SPDX-License-Identifier: Apache-2.0
//
// A place in a policy file. Layer `model`.
#pragma once

#include <compare>
#include <cstdint>

namespace permward {

struct Pos {
  std::uint32_t file = 0;    // index into Policy::files
  std::uint32_t line = 0;    // from 1; 0: no place
  std::uint32_t column = 0;  // in bytes, from 1

  auto operator<=>(const Pos&) const = default;
};

}  // namespace permward
