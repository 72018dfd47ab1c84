// SPDX-License-Identifier: Apache-2.0
// Policies in a line or two, and what loading them said.
#pragma once

#include "policy/load.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace permward::test {

using Strings = std::vector<std::string>;

// Loads one file "p.toml" of `schema = 1` and, from line 2 on, `text`.
Loaded load_text(std::string_view text, const LoadOptions& options = {});

// Loads files "1.toml", "2.toml", … in the same way.
Loaded load_texts(const Strings& texts);

// One rule "r": its header is line 2, `path` line 4, and `keys` begin in line 5.
Loaded load_rule(std::string_view keys, std::string_view path = "/etc/f",
                 const LoadOptions& options = {});

// "E0201 3:1" for each diagnostic, in order; of several files "1.toml:3:1".
Strings places(const Loaded& loaded);

// The codes alone.
Strings codes_of(const Loaded& loaded);

// "message (help)" of the only diagnostic.
std::string only_mistake(const Loaded& loaded);

// The only rule of a policy that loaded without an error.
const Rule& only_rule(const Loaded& loaded);

// The demand of the rule's first clause of that aspect.
template <class AspectWant>
const AspectWant& want_of(const Loaded& loaded, Aspect aspect) {
  return std::get<AspectWant>(find_clause(only_rule(loaded), aspect)->want);
}

}  // namespace permward::test
