// SPDX-License-Identifier: Apache-2.0
#include "model/explanation.hpp"

#include "model/mode.hpp"

namespace permward {

std::string parts_text(Aspect aspect, std::uint16_t parts) {
  return aspect == Aspect::mode ? mode_bits_text(parts) : "";
}

}  // namespace permward
