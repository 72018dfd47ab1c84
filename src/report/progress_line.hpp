// SPDX-License-Identifier: Apache-2.0
//
// What the progress line says. Layer `report`; pure: who draws it is `cli/progress_display.hpp`.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace permward {

// "12345 objects, 6789 a second, /usr/share/…/man1", at most `width` columns; of the directory
// (bytes, escaped here) the beginning is left out where it is long, and all of it where nothing of
// it fits.
[[nodiscard]] std::string progress_line(std::uint64_t objects, std::chrono::milliseconds elapsed,
                                        std::string_view directory, std::size_t width);

}  // namespace permward
