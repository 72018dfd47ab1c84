// SPDX-License-Identifier: Apache-2.0
//
// What has become of the objects of a generation, and what is pinned now beside them. Layer
// `engine`.
#pragma once

#include "base/result.hpp"
#include "engine/check.hpp"
#include "model/policy.hpp"
#include "model/snapshot.hpp"
#include "model/snapshot_report.hpp"
#include "store/archive.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace permward {

struct ComparedGeneration {
  const Manifest& manifest;
  // All of its archive, again for each call. Errors: as of `read_archive`.
  std::function<Result<void>(ArchiveVisitor& visitor)> read;
};

struct SnapshotDiff {
  std::vector<SnapshotChange> changes;  // by path
  std::vector<NotTaken> not_seen;       // by path; nothing else is said of these
  CheckOutcome looked;                  // as of `collect`
};

// Compares the generation with what there is now, at and below `options.paths`. Of a generation of
// accepted objects, what the policy pins and it does not have is `added`. Not compared are the
// times of directories, for they move with the entries, and of files with another content, and
// extended attributes that the generation does not have, but those of `user`. A path that leads to
// nothing which either has is uncovered, in `looked`, as one is that no rule covers.
// `most_content`: as of `collect`. Errors: those of `collect` and of reading the archive.
[[nodiscard]] Result<SnapshotDiff> diff_snapshot(const Policy& policy, const System& system,
                                                 const ComparedGeneration& generation,
                                                 const CheckOptions& options,
                                                 std::uint64_t most_content);

}  // namespace permward
