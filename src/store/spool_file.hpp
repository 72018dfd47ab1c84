// SPDX-License-Identifier: Apache-2.0
//
// Files of no name for contents that are on their way to where they are restored. Layer `store`.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "os/capture.hpp"

#include <cstdint>

namespace permward {

// What is not large is in memory: a full disk is no reason not to restore a file.
[[nodiscard]] bool fits_in_memory(std::uint64_t bytes);

// What an error of it was doing.
inline constexpr const char* making_spool = "make a file for what is to be restored in";

// For so many bytes; of what does not fit in memory in a directory for large files. Errors: those
// of open(2) and memfd_create(2), of `making_spool`.
[[nodiscard]] Result<Fd> spool_file(std::uint64_t bytes);

// Appends a part of another such file. Errors: those of pread(2), and of pwrite(2), of
// `writing_copy`.
Result<void> append_to_spool(Spool& to, int from, std::uint64_t begin, std::uint64_t size);

}  // namespace permward
