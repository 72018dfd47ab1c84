// SPDX-License-Identifier: Apache-2.0
//
// PATH arguments. Layer `cli`.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace permward {

// `path` made absolute as text: `directory` (absolute) before it where it is relative, `.` and
// empty components taken away, `..` with the component before it. One `/` at the end stays, since a
// link that is named with one is followed. `path` is not empty.
[[nodiscard]] std::string absolute_path(std::string_view path, std::string_view directory);

// Paths as `absolute_path` makes them. Errors: that the working directory cannot be found, where it
// is needed.
[[nodiscard]] Result<std::vector<std::string>> absolute_paths(
    const std::vector<std::string>& words);

}  // namespace permward
