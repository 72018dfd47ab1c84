// SPDX-License-Identifier: Apache-2.0
//
// The text of paths and globs. Layer `policy`; pure. How patterns match is in `model/pattern.hpp`.
#pragma once

#include "model/pattern.hpp"
#include "model/rule.hpp"
#include "policy/parsed.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace permward {

inline constexpr std::size_t longest_path = 4095;  // PATH_MAX, which counts a NUL

// An absolute path or glob. Refused: what is relative, `.` and `..`, empty components, a `/` at the
// end (but `/` itself), NUL, names and paths that are too long for the kernel, and globs that
// cannot be read. Runs of `**` become one.
[[nodiscard]] Parsed<Pattern> parse_pattern(std::string_view text);

// The same, and no glob: the path itself, backslashes taken away.
[[nodiscard]] Parsed<std::string> parse_path(std::string_view text);

// A glob on what lies below a rule's path: relative to it, or, without a `/`, on base names. `**`
// alone is everything.
[[nodiscard]] Parsed<Exclude> parse_exclude(std::string_view text);

// A glob on one name: an id, a host name. `**` is `*` here.
[[nodiscard]] Parsed<Component> parse_name_glob(std::string_view text);

// The pattern, or part of one, that stands for just these bytes.
[[nodiscard]] std::string escaped_for_pattern(std::string_view text);

// About how many bytes the components take.
[[nodiscard]] std::size_t size_of(const std::vector<Component>& components);

}  // namespace permward
