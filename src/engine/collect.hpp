// SPDX-License-Identifier: Apache-2.0
//
// What a snapshot is made of: every object that the policy pins, as it is now, and the directories
// on the way to it. Layer `engine`.
#pragma once

#include "base/result.hpp"
#include "engine/check.hpp"
#include "model/file_stamp.hpp"
#include "model/policy.hpp"
#include "model/snapshot_report.hpp"
#include "os/capture.hpp"
#include "store/carried.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace permward {

struct Collected {
  SpooledObjects taken;              // contents that are the same are in the spool once
  std::vector<StampedFile> stamped;  // of the files that were taken, by path
  std::vector<NotTaken> not_taken;   // by path
  std::vector<std::string> scope;    // `options.paths` after links
  // As of a check of the rules that pin something: what it was restricted to, its conflicts,
  // whether it was interrupted; its findings are not there.
  CheckOutcome looked;
};

// What all contents together may take in a spool, in bytes: whoever may write below a pinned tree
// cannot fill the disk with them.
inline constexpr std::uint64_t most_spooled = std::uint64_t{16} << 30;

// Copies the contents to `spool`. Not taken is what could not be looked at, what is required and
// not there or of another type, a file of over `most_content` bytes, and what there is no more room
// for, in the spool or in a manifest. A spool without a file takes none of the contents, and then
// there is room for all, and nothing is stamped. `options`: paths, selection, progress and stop are
// looked at. Errors: those of `check`, and of the spool.
[[nodiscard]] Result<Collected> collect(const Policy& policy, const System& system,
                                        const CheckOptions& options, std::uint64_t most_content,
                                        Spool& spool);

// Mounts that a recursion stops at, and that lie over something accepted that was not taken.
[[nodiscard]] std::vector<NotTaken> hidden_by_mounts(const std::vector<NotEntered>& mounts,
                                                     const std::vector<SnapshotObject>& accepted,
                                                     const std::vector<SnapshotObject>& taken);

// Why an object was not taken, for people: an error of `capture`.
[[nodiscard]] std::string why_not_taken(const Error& error);

// Whether some enabled rule of the policy pins anything.
[[nodiscard]] bool pins_anything(const Policy& policy);

}  // namespace permward
