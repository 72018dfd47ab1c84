// SPDX-License-Identifier: Apache-2.0
//
// Writing to files of the caller's own, and having it on the disk. Layer `os`. `doing` and
// `subject` are those of the error.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace permward {

// All of it, from where the descriptor stands. Errors: those of write(2).
Result<void> write_all(int to, std::string_view bytes, const char* doing,
                       const std::string& subject);

// fsync(2), also where signals interrupt it.
Result<void> sync_file(int fd, const char* doing, const std::string& subject);

// The same of a directory, of which `fd` is open for reading. Not every file system can: then its
// names are as durable as they make them.
Result<void> sync_directory(int fd, const char* doing, const std::string& subject);

}  // namespace permward
