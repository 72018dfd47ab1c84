// SPDX-License-Identifier: Apache-2.0
#include "store/refused_inodes.hpp"

#include <algorithm>

namespace permward {

RefusedInodes::RefusedInodes(std::span<const ArmRefusal> refusals) {
  for (const ArmRefusal& one : refusals) add(one.inode);
}

void RefusedInodes::add(const InodeKey& inode) { by_number_.emplace(inode.inode, inode); }

bool RefusedInodes::holds(const InodeKey& inode) const {
  const auto [begin, end] = by_number_.equal_range(inode.inode);
  return std::any_of(begin, end,
                     [&inode](const auto& entry) { return same_inode(entry.second, inode); });
}

}  // namespace permward
