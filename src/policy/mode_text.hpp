// SPDX-License-Identifier: Apache-2.0
//
// The text of modes: octal, and the clauses of chmod(1). Layer `policy`; pure.
#pragma once

#include "model/mode.hpp"
#include "policy/parsed.hpp"

#include <cstdint>
#include <string_view>

namespace permward {

// "640", "0640", "4755": three or four octal digits. 0 to 07777.
[[nodiscard]] Parsed<std::uint16_t> parse_octal_mode(std::string_view text);

// An octal mode, exact; or clauses `[ugoa]+[-+=][rwxXst]*` with commas between, which mean what GNU
// chmod(1) makes of them: what a clause affects, that `=` leaves the set-id bits of a directory
// unless it names them, that `X` looks at the mode as the clauses before it leave it. Each row of
// the tables is what one pass of the clauses does to objects with those execute bits. Clauses that
// a second pass would change again are refused; the help shows an order that does it in one.
[[nodiscard]] Parsed<ModeWant> parse_mode(std::string_view text);

}  // namespace permward
