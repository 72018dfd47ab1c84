// SPDX-License-Identifier: Apache-2.0
#include "model/baseline.hpp"

#include <algorithm>

namespace permward {

Baseline Baseline::unreadable(int number) {
  Baseline out;
  out.error_ = number;
  return out;
}

std::optional<Sha256::Digest> Baseline::trusted_content(std::string_view path,
                                                        const FileStamp& stamp) const {
  const auto at = std::lower_bound(
      stamped_.begin(), stamped_.end(), path,
      [](const StampedFile& one, std::string_view wanted) { return one.path < wanted; });
  const bool same = at != stamped_.end() && at->path == path && at->stamp == stamp;
  return same ? std::optional(at->digest) : std::nullopt;
}

Readout<const SnapshotObject*> Baseline::accepted(std::string_view path) const {
  if (error_ != 0) return {Read::unreadable, error_, nullptr};
  return {Read::value, 0, find_object(objects_, path)};
}

}  // namespace permward
