// SPDX-License-Identifier: Apache-2.0
//
// Of which files the status tells that nothing has changed in them. Layer `os`.
#pragma once

#include "model/observation.hpp"
#include "os/kernel.hpp"

#include <chrono>
#include <cstdint>
#include <map>

namespace permward {

// Whether whatever changes from `now` on gets another time of change than this, by the clock of
// this machine: of a file system that counts seconds two of them have to be over, of others a tick.
[[nodiscard]] bool lies_back(const FileTime& changed, std::chrono::system_clock::time_point now);

// For one pass over files that are read: after each was read for its status, and before its
// content.
class Stamper {
 public:
  explicit Stamper(const Kernel& kernel) : kernel_(kernel) {}

  // Whether the file behind `held`, any descriptor of it, of that status, can be known by it from
  // now on. So it is where nobody but root may write to it, for who may write to a file can keep
  // its time of change: by a mapping of tmpfs, XFS_IOC_SWAPEXT, or a write that goes on for long;
  // where nobody has it open for writing; on file systems whose times of change nobody can set
  // (FAT takes them from the time of modification, and network ones from a server); where what was
  // written to it is on the disk, so that no power cut sets it back; and where its last change lies
  // back before all that.
  [[nodiscard]] bool accepts(int held, const Observed& observed);

  // Whether somebody has it open for writing, and it was changed within the last second: what is in
  // it may be half of what he is about to write, whose time of change it has already. Only root's
  // files can be asked about.
  [[nodiscard]] bool is_half_written(int held, const Observed& observed) const;

 private:
  using Time = std::chrono::system_clock::time_point;
  [[nodiscard]] Time synced(int file, std::uint64_t device);

  const Kernel& kernel_;
  std::map<std::uint64_t, Time> synced_;  // file systems, by device: since when all was on the disk
};

}  // namespace permward
