// SPDX-License-Identifier: Apache-2.0
//
// How two contents differ, for people. Layer `report`; pure.
#pragma once

#include "report/style.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace permward {

// The lines of a unified diff, each behind `indent` spaces: tabs stay, whatever else could deceive
// a reader or a terminal is escaped as by `shown_text`.
[[nodiscard]] std::string shown_diff(std::string_view diff, std::size_t indent, Color color);

}  // namespace permward
