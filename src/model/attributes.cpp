// SPDX-License-Identifier: Apache-2.0
#include "model/attributes.hpp"

namespace permward {

static_assert(attribute_letters.size() == attribute_count);

std::string attributes_text(AttributeSet attributes) {
  std::string out;
  for (std::size_t i = 0; i < attribute_count; ++i) {
    if (!attributes.has(static_cast<Attribute>(i))) continue;
    if (!out.empty()) out += ", ";
    out += attribute_names[i];
  }
  return out.empty() ? "none" : out;
}

}  // namespace permward
