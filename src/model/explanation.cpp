// SPDX-License-Identifier: Apache-2.0
#include "model/explanation.hpp"

#include "model/attributes.hpp"
#include "model/mode.hpp"

namespace permward {

std::string parts_text(Aspect aspect, std::uint16_t parts) {
  if (aspect == Aspect::mode) return mode_bits_text(parts);
  return aspect == Aspect::attributes ? attributes_text(AttributeSet::of_bits(parts)) : "";
}

}  // namespace permward
