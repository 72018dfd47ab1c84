// SPDX-License-Identifier: Apache-2.0
//
// What two texts have in lines of their own, as diff(1) shows it. Layer `base`; pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace permward {

// More would take seconds and hundreds of megabytes to compare, and nobody reads it.
inline constexpr std::size_t most_diffed_bytes = std::size_t{1} << 20;  // of each text
inline constexpr std::size_t most_diffed_lines = 10'000;                // of both together

// Whether it is: no byte of it is NUL, by which diff(1) tells, too.
[[nodiscard]] bool is_text(std::string_view bytes);

// Whether it is short enough to be compared, by the figures above.
[[nodiscard]] bool can_be_diffed(std::string_view before, std::string_view after);

// Hunks with three lines of context (POSIX, diff -u, "Diff -u or -U Output Format"), without the
// two lines of names: `@@ -1,4 +1,3 @@` and below it the lines, each with its newline, `\ No
// newline at end of file` where there was none. Empty: the texts are the same. As few lines as
// possible are told as removed and added. Precondition: `can_be_diffed`.
[[nodiscard]] std::string unified_diff(std::string_view before, std::string_view after);

}  // namespace permward
