// SPDX-License-Identifier: Apache-2.0
//
// PATH arguments. Layer `cli`; pure.
#pragma once

#include <string>
#include <string_view>

namespace permward {

// `path` made absolute as text: `directory` (absolute) before it where it is relative, `.` and
// empty components taken away, `..` with the component before it. One `/` at the end stays, since a
// link that is named with one is followed. `path` is not empty.
[[nodiscard]] std::string absolute_path(std::string_view path, std::string_view directory);

}  // namespace permward
