// SPDX-License-Identifier: Apache-2.0
// Which globs of the policy language match which text, for `combined_model.hpp`: slowly, and with
// nothing of the product.
#pragma once

#include <string>
#include <vector>

namespace permward::test::combined {

using Words = std::vector<std::string>;

// The names of a path: those of "/a/b" are "a" and "b", "" has none.
Words components(const std::string& path);

bool is_glob(const std::string& path);
// Whether the glob, of a path or of a name, matches the text.
bool fits(const std::string& glob, const std::string& text);
// The same for one name, and a glob without `/`.
bool any_name_fits(const std::string& glob, const std::string& name);

}  // namespace permward::test::combined
