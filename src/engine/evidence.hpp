// SPDX-License-Identifier: Apache-2.0
//
// Copies of what a run is about to replace or remove, in generations of kind `evidence`: no run
// loses anything. Layer `engine`.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "os/capture.hpp"
#include "os/observe.hpp"
#include "os/system.hpp"
#include "store/carried.hpp"
#include "store/evidence_limits.hpp"
#include "store/snapshot_digests.hpp"
#include "store/snapshots.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace permward {

class Evidence {
 public:
  // For who holds the lock. All must outlive it; `digests` may be null: none are recorded.
  Evidence(const System& system, Snapshots& snapshots, SnapshotDigests* digests,
           const EvidenceLimits& limits)
      : system_(system), snapshots_(snapshots), digests_(digests), limits_(limits) {}

  // Copies what `held` holds and what has the path; it is to be kept with the next `keep`. Errors:
  // those of `capture`, and of the scratch file; EFBIG also of what is more than all evidence may
  // take.
  Result<void> take(Observer& observer, int held, const std::string& path);

  // What was taken since is on the disk once this returns, but for what the newest evidence of its
  // path has already: a generation of what others could write, and one of the rest. Evidence that
  // is too much is dropped. Errors: those of `Snapshots::keep`; EDQUOT where there is no room for
  // it beside what stays of the other. Then one of the two may be kept all the same: what is taken
  // again is kept once.
  Result<void> keep();

 private:
  Result<void> open_spool();
  void forget_behind(std::uint64_t end);  // in bytes of the spool
  Result<void> recall();
  Result<void> keep_together(SpooledObjects taken, std::uint64_t needed);
  SpooledObjects without_known(SpooledObjects taken);
  bool is_whole(const std::string& id);
  void note(const std::function<Result<void>(SnapshotDigests&)>& write);
  Result<void> make_room(const Manifest& newest);
  Result<void> drop(const std::string& id);

  const System& system_;
  Snapshots& snapshots_;
  SnapshotDigests* digests_;
  EvidenceLimits limits_;
  Fd scratch_;
  Spool spool_;
  SpooledObjects taken_;
  std::optional<std::vector<Manifest>> earlier_;  // the oldest first, once they have been read
  std::map<std::string, bool> whole_;             // generations that were read to their end, by id
};

}  // namespace permward
