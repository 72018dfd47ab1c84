// SPDX-License-Identifier: Apache-2.0
//
// Mistakes of a policy for people: in the form of the rustc book on a terminal, in GNU's for
// everything else. Layer `report`; pure.
#pragma once

#include "model/diagnostic.hpp"
#include "report/sink.hpp"
#include "report/style.hpp"

namespace permward {

// Code, message, `-->` and the place, the line with a caret below the column, and the help. A line
// that is long is cut around the column.
void write_diagnostics_for_terminal(const Diagnostics& diagnostics, Color color, Sink& sink);

// `file:line:column: error: message [code]`, and the help as a line of its own, `note:`. What is
// about no file begins with `permward:`, as the GNU Coding Standards have it.
void write_diagnostics_gnu(const Diagnostics& diagnostics, Sink& sink);

}  // namespace permward
