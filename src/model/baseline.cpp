// SPDX-License-Identifier: Apache-2.0
#include "model/baseline.hpp"

namespace permward {

Baseline Baseline::unreadable(int number) {
  Baseline out;
  out.error_ = number;
  return out;
}

Readout<const SnapshotObject*> Baseline::accepted(std::string_view path) const {
  if (error_ != 0) return {Read::unreadable, error_, nullptr};
  return {Read::value, 0, find_object(objects_, path)};
}

}  // namespace permward
