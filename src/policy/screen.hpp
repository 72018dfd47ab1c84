// SPDX-License-Identifier: Apache-2.0
//
// Refuses texts that would cost toml++ too much memory, time or stack, before it sees them. What
// passes it parses within 256 MiB and a stack of 256 KiB (under a sanitizer too), and in time
// linear in its size. Layer `policy`; pure.
//
// The limits, and what they hold down (toml++ 3.3, measured): it makes 12 to 35 bytes of each byte;
// nested values and dotted keys cost stack, 2 MB of `a.a.a…` overflowed 8 MiB; every dotted key and
// every table header searches a list of those before it.
#pragma once

#include "model/codes.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace permward {

inline constexpr std::size_t most_bytes = 16U << 20;
inline constexpr std::size_t most_lines = 2'000'000;
inline constexpr std::size_t most_values = 1'200'000;  // of `=`, `,`, `[` and `{`
inline constexpr std::size_t most_dots = 16;           // in a key or table name
inline constexpr std::size_t most_levels = 16;  // open brackets, and the dots that lead to them
inline constexpr std::size_t most_dotted_keys = 50'000;  // and table names with two dots or more
inline constexpr std::size_t most_tables = 1'000;        // table names that differ

struct Refusal {
  Code code = Code::syntax;
  std::optional<std::size_t> offset;  // none: the whole file
  std::string message;
  std::string help;
};

// Whether the text can be looked at at all: its size, its lines.
[[nodiscard]] std::optional<Refusal> refuse_size(std::string_view text);

// Everything else, of a text that passed `refuse_size`. A text that passes need not be TOML.
[[nodiscard]] std::optional<Refusal> refuse_content(std::string_view text);

}  // namespace permward
