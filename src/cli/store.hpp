// SPDX-License-Identifier: Apache-2.0
//
// The generations of the store, for who only reads them. Layer `cli`.
#pragma once

#include "base/result.hpp"
#include "cli/options.hpp"
#include "engine/gather.hpp"
#include "os/system.hpp"
#include "store/snapshot_digests.hpp"
#include "store/snapshots.hpp"

#include <optional>

namespace permward {

struct StoredCopies {
  Snapshots snapshots;
  SnapshotDigests digests;  // `none` where they cannot be read, which is said
  [[nodiscard]] Copies lent() const { return {snapshots, digests}; }
};

// Nothing where there are none: no state directory, or nothing in it was ever accepted. Errors:
// those of `StateDir` and `Snapshots`.
[[nodiscard]] Result<std::optional<StoredCopies>> open_stored_copies(const Options& options,
                                                                     const System& system);

}  // namespace permward
