// SPDX-License-Identifier: Apache-2.0
//
// The lines that diagnostics speak of. Layer `cli`; pure.
#pragma once

#include "model/diagnostic.hpp"
#include "policy/load.hpp"

#include <span>

namespace permward {

// Gives the text of its line to each diagnostic that has a place and no line yet: those that are
// found after the policies were loaded.
void add_source_lines(Diagnostics& diagnostics, std::span<const SourceFile> files);

}  // namespace permward
