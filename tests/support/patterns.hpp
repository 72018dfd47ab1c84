// SPDX-License-Identifier: Apache-2.0
// Patterns for tests, from a text that a reader can take in: names, `*`, `?`, `[abc]` and `[!abc]`
// of single bytes, `{one,two}` without nesting, `**` as a whole component, and a backslash. Not the
// parser of the policy language: what is under test here does not depend on it.
#pragma once

#include "model/pattern.hpp"
#include "model/rule.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace permward::test {

Component component(std::string_view text);

// Of a path without a leading slash.
std::vector<Component> components(std::string_view text);

// Of an absolute path.
Pattern pattern(std::string_view text);

// By base name if there is no slash in it, else relative to the rule's path.
Exclude exclude(std::string_view text);

// "/etc/ssl" as its names; "/" has none.
std::vector<std::string> names_of(std::string_view path);
std::string path_of(const std::vector<std::string>& names);

}  // namespace permward::test
