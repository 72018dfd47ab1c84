// SPDX-License-Identifier: Apache-2.0
//
// A mistake in a policy, or a warning about one, as a value. `report/diagnostics.hpp` prints them.
// Layer `model`; values only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace permward {

struct Diagnostic {
  enum class Severity : std::uint8_t { error, warning };

  std::string code;  // "E0104", "W0201": stable, see the table in `model/codes.hpp`
  Severity severity = Severity::error;
  std::string
      message;       // lower case, no full stop; what is wrong. What it quotes is escaped already
  std::string help;  // what to do; empty: nothing to say
  std::string file;  // as the policy was named; empty: about the run, not a file
  std::uint32_t line = 0;    // from 1; 0: about the whole file
  std::uint32_t column = 0;  // in bytes, from 1
  std::string source_line;   // the text of that line, for the caret; empty where there is none
};

using Diagnostics = std::vector<Diagnostic>;

inline void append(Diagnostics& to, Diagnostics from) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

[[nodiscard]] inline bool has_errors(const Diagnostics& diagnostics) {
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity == Diagnostic::Severity::error) return true;
  }
  return false;
}

}  // namespace permward
