// SPDX-License-Identifier: Apache-2.0
// Files with content to be hashed: the same bytes for the same numbers.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace permward::bench {

// Files of one content, so that one rule can demand it of all of them, and what is measured is not
// the reading of a long policy. Each has blocks of its own on the disk, and in the page cache.
struct Content {
  std::string directory;
  std::vector<std::string> files;
  std::size_t bytes = 0;  // of all files together
  std::string sha256;     // of the content of each, in hexadecimal
};

// Makes a directory with `count` files, at least one, of `size` bytes, a multiple of 8; 100 in each
// subdirectory. Throws std::filesystem::filesystem_error, std::runtime_error, or what
// `check_stopped` throws.
Content make_content(const std::string& directory, std::size_t count, std::size_t size);

}  // namespace permward::bench
