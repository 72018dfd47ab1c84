// SPDX-License-Identifier: Apache-2.0
//
// Colour, where it was asked for. Layer `report`; pure.
#pragma once

#include "model/rule.hpp"

#include <string>
#include <string_view>

namespace permward {

enum class Color : unsigned char { never, always };

enum class Style : unsigned char {
  plain,
  bold,
  dim,
  good,
  bad,
  notice,
  info,
  low,
  medium,
  high,
  critical
};

[[nodiscard]] Style style_of(Severity severity);

// `text` in that style; just `text` without colour.
[[nodiscard]] std::string styled(std::string_view text, Style style, Color color);

}  // namespace permward
