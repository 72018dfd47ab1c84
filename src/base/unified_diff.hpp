// SPDX-License-Identifier: Apache-2.0
//
// What two texts have in lines of their own, as diff(1) shows it. Layer `base`; pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace permward {

// More would take seconds and hundreds of megabytes to compare, and nobody reads it.
inline constexpr std::size_t most_diffed_bytes = std::size_t{1} << 20;  // of each text
inline constexpr std::size_t most_diffed_lines = 5'000;                 // of each, that differ

// Whether it is: no byte of it is NUL, by which diff(1) tells, too.
[[nodiscard]] bool is_text(std::string_view bytes);

// Hunks with three lines of context (POSIX, diff -u, "Diff -u or -U Output Format"), without the
// two lines of names: `@@ -1,4 +1,3 @@` and below it the lines, each with its newline, `\ No
// newline at end of file` where there was none. Empty: the texts are the same. Few lines are told
// as removed and added, though not always the fewest. Nothing: too much differs, counted from the
// first line that does to the last.
[[nodiscard]] std::optional<std::string> unified_diff(std::string_view before,
                                                      std::string_view after);

}  // namespace permward
