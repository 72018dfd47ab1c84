// SPDX-License-Identifier: Apache-2.0
//
// The bytes behind a descriptor, and those of a small file. Layer `os`.
#pragma once

#include "base/result.hpp"
#include "os/policy_trust.hpp"

#include <cstddef>
#include <string>

namespace permward {

// What there is to read, at most `most` bytes of it: who has to know whether there is more asks for
// one more. `path` is for the error. Errors: `io`, and those of read(2).
[[nodiscard]] Result<std::string> read_up_to(int fd, std::size_t most, const std::string& path);

// A small file of a root: no more than `most` bytes, else an error (EFBIG). `way` walks from the
// root. Errors: those of `PolicyTrust::open`; `unsupported` where it is no regular file.
[[nodiscard]] Result<std::string> read_file_of(PolicyTrust& way, const std::string& path,
                                               std::size_t most);

}  // namespace permward
