// SPDX-License-Identifier: Apache-2.0
//
// What a run is called: "20261126T101500Z-3f2a", the second in which it began and four hexadecimal
// digits. Layer `store`; pure but for the random number that the caller brings.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace permward {

// "20261126T101500Z-": what the ids of all runs of a second, of the common era, begin with.
[[nodiscard]] std::string run_id_stem(std::chrono::sys_seconds started);

// The second that an id, or what it begins with, is of. Nothing where it is no such text.
[[nodiscard]] std::optional<std::chrono::sys_seconds> time_of_run_id(std::string_view text);

// Ids of one second sort in the order in which they are made: the one after `newest`, the greatest
// of that second, or the first of it, for which `random` decides. Nothing where there is no greater
// one.
[[nodiscard]] std::optional<std::string> next_run_id(std::string_view stem, std::string_view newest,
                                                     std::uint16_t random);

}  // namespace permward
