// SPDX-License-Identifier: Apache-2.0
//
// The inodes that are not to be armed, in memory: for a run that may not read the journal any more,
// or asks for each of a million files. Layer `store`; pure.
#pragma once

#include "store/journal_rows.hpp"

#include <cstdint>
#include <span>
#include <unordered_map>

namespace permward {

class RefusedInodes {
 public:
  RefusedInodes() = default;
  explicit RefusedInodes(std::span<const ArmRefusal> refusals);

  void add(const InodeKey& inode);
  // As `same_inode`: whatever device the file system has by now.
  [[nodiscard]] bool holds(const InodeKey& inode) const;

 private:
  std::unordered_multimap<std::uint64_t, InodeKey> by_number_;
};

}  // namespace permward
