// SPDX-License-Identifier: Apache-2.0
//
// The bytes behind a descriptor. Layer `os`.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <string>

namespace permward {

// What there is to read, at most `most` bytes of it: who has to know whether there is more asks for
// one more. `path` is for the error. Errors: `io`, and those of read(2).
[[nodiscard]] Result<std::string> read_up_to(int fd, std::size_t most, const std::string& path);

}  // namespace permward
