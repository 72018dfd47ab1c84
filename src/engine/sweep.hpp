// SPDX-License-Identifier: Apache-2.0
//
// One walk over the union of all rules, by several threads, a directory at a time. Each object is
// met once with all its rules known. Reading by (directory, name) may only acquit; what it does not
// acquit is held by a descriptor, observed again and compared as one object. Layer `engine`.
#pragma once

#include "base/fd.hpp"
#include "base/result.hpp"
#include "decide/steps.hpp"
#include "engine/check.hpp"
#include "model/finding.hpp"
#include "model/mount.hpp"
#include "model/run.hpp"
#include "os/kernel.hpp"
#include "os/name_service.hpp"

#include <atomic>
#include <cstdint>
#include <set>
#include <vector>

namespace permward {

struct SweepOutcome {
  std::vector<Finding> findings;  // in no order
  std::uint64_t objects = 0;
  std::uint64_t compliant = 0;
  std::vector<bool> matched_globs;      // one a target
  std::vector<bool> met;                // one an object of the baseline: it was compared with
  std::vector<NotEntered> not_entered;  // by path, each once
  std::set<TreeConflict> conflicts;
  bool interrupted = false;
};

// `root` is open for listing. `options`: jobs, passes, progress and stop are looked at.
// Errors: `io` where a thread cannot be started.
[[nodiscard]] Result<SweepOutcome> sweep(const Machine& machine, const Kernel& kernel,
                                         const Mounts& mounts, NameService& names, Fd root,
                                         const CheckOptions& options);

}  // namespace permward
