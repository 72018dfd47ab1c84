// SPDX-License-Identifier: Apache-2.0
//
// What toml++ says of a text that is not TOML, made a message of ours. Layer `policy`; pure.
#pragma once

#include "policy/parsed.hpp"

#include <cstddef>
#include <string_view>

namespace permward {

// `description` is toml++'s, of a mistake at `offset` of `text`. The help is that for the mistakes
// which people make.
[[nodiscard]] TextError syntax_error(std::string_view description, std::string_view text,
                                     std::size_t offset);

}  // namespace permward
