// SPDX-License-Identifier: Apache-2.0
//
// File systems that something was changed on, each to be synced once when all is done: a change of
// owner, mode or attributes, and a name, are on the disk no sooner (syncfs(2)). Layer `os`.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "os/kernel.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace permward {

class SyncLater {
 public:
  // Beyond so many they are synced at once, so that few descriptors are kept.
  static constexpr std::size_t most_kept = 32;

  // `kernel` must outlive it.
  explicit SyncLater(const Kernel& kernel) : kernel_(kernel) {}

  // That of the file or directory that `held`, any descriptor, holds; `path` and `device` (stx_dev)
  // are the object's own. A file that another process holds a write lease on cannot be opened: then
  // everything is synced (sync(2)), which tells of no error; nobody may stop a run by a lease.
  void add(int held, std::uint64_t device, const std::string& path);

  // All of them. Errors: the first that any of them, now or before, has not taken: the subject is
  // the path.
  [[nodiscard]] Result<void> sync();

 private:
  struct FileSystem {
    std::string path;
    Fd opened;
  };
  void sync_all();

  const Kernel& kernel_;
  std::map<std::uint64_t, FileSystem> by_device_;
  std::optional<Error> error_;
  bool everything_ = false;
};

}  // namespace permward
