// SPDX-License-Identifier: Apache-2.0
//
// The one way in which bytes that others chose reach a report. Layer `report`; pure.
#pragma once

#include <string>
#include <string_view>

namespace permward {

// A path in a line of columns that are parted by two spaces: `printable`, and a space that would
// look like the end of the path, or like two, is `\x20`. Different paths look different.
[[nodiscard]] std::string shown_path(std::string_view path);

// Text of our own, in which names are escaped already. Backslashes stay; whatever else could still
// deceive a reader or a terminal is escaped as `printable` does.
[[nodiscard]] std::string shown_text(std::string_view text);

// What JSON can hold: `bytes` themselves where they are UTF-8, else `printable(bytes)`.
[[nodiscard]] std::string json_text(std::string_view bytes);

// The same line by line: one that is not UTF-8 leaves the others as they are.
[[nodiscard]] std::string json_lines(std::string_view lines);

// The columns that `text` (UTF-8, as the functions above make it) takes: a code point is one.
[[nodiscard]] std::size_t text_width(std::string_view text);

}  // namespace permward
