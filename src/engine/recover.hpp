// SPDX-License-Identifier: Apache-2.0
//
// After a run that was killed, or could not: what it had lifted for its work is put back, and what
// it was making beside its objects is removed. Layer `engine`.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace permward {

class Changer;
class Journal;
struct System;

struct Recovery {
  std::vector<std::string> runs;      // that were killed, newest first
  std::vector<std::string> put_back;  // paths of what is immutable or append-only again
  std::vector<std::string> opened;    // paths of directories that were made, and closed still
  std::vector<std::string> removed;   // paths of links that were to take another's place, or had it
  struct Left {
    std::string path;
    Error error;
  };
  std::vector<Left> left;         // what could not be put back
  std::vector<Left> unreadable;   // runs, by their id: nothing of them is known
  std::vector<Left> not_removed;  // nor removed
};

// Of every unfinished run on this root in the journal, and of what is `left_…`; for the holder
// of the lock. An object is touched only if its path leads to the inode that the run had changed.
// What cannot be put back is tried again by the next run, unless the object is known to be gone.
// Errors: those of the journal, `io`.
[[nodiscard]] Result<Recovery> recover(const System& system, Journal& journal, Changer& changer,
                                       std::chrono::sys_seconds now);

}  // namespace permward
