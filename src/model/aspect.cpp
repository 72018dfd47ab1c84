// SPDX-License-Identifier: Apache-2.0
#include "model/aspect.hpp"

namespace permward {

static_assert([] {
  for (std::size_t i = 0; i < aspects.size(); ++i) {
    if (static_cast<std::size_t>(aspects[i].aspect) != i) return false;
  }
  return true;
}());

std::optional<Aspect> aspect_named(std::string_view name) {
  for (const AspectRow& row : aspects) {
    if (row.name == name) return row.aspect;
  }
  return std::nullopt;
}

}  // namespace permward
