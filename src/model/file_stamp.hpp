// SPDX-License-Identifier: Apache-2.0
//
// By what a file is known to be as it was, without a look into it. Layer `model`; values only.
#pragma once

#include "base/sha256.hpp"
#include "model/observation.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace permward {

// Whoever writes to it, or gives it another name or owner, changes `changed`, and cannot set it
// back but by the clock of the machine, or past the file system.
struct FileStamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  FileTime changed;
  bool operator==(const FileStamp&) const = default;
};

[[nodiscard]] inline FileStamp stamp_of(const Observed& observed) {
  return {observed.identity.device, observed.identity.inode, observed.size, observed.changed};
}

// A file that was read, and not changed since the time in its stamp until then.
struct StampedFile {
  std::string path;
  FileStamp stamp;
  Sha256::Digest digest{};  // of its content
};

}  // namespace permward
