// SPDX-License-Identifier: Apache-2.0
//
// From the text of a file to a document, with all the care that a text of somebody else's takes.
// Layer `policy`; pure.
#pragma once

#include "policy/document.hpp"
#include "policy/mistakes.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace permward {

// `file` is its number among those of `mistakes`. `source` gets its lines; it and the text must
// outlive the document. None where the text is not TOML, or too large: the first mistake in it is
// then reported.
[[nodiscard]] std::optional<Document> parse_file(Mistakes& mistakes, std::uint32_t file,
                                                 std::string_view text, Source& source);

}  // namespace permward
