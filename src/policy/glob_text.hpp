// SPDX-License-Identifier: Apache-2.0
//
// One component of a path or glob: wildcards, brackets, braces, backslashes. Layer `policy`; pure.
#pragma once

#include "model/pattern.hpp"
#include "policy/parsed.hpp"

#include <cstddef>
#include <string_view>

namespace permward {

// What a glob may expand to, the braces of all its components together.
inline constexpr std::size_t most_alternatives = 1024;
inline constexpr std::size_t longest_name = 255;  // NAME_MAX

// `text` has no `/` and is not empty. Multiplies `alternatives` by those of the component; where
// that comes to more than `most_alternatives`, which is counted before anything is expanded, the
// error is `glob_too_large`. Two stars that are the whole text stand for any depth.
[[nodiscard]] Parsed<Component> parse_component(std::string_view text, std::size_t& alternatives);

}  // namespace permward
