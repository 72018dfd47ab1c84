// SPDX-License-Identifier: Apache-2.0
//
// One answer a path: which rules speak of it, what each says, which decides what, and how the
// object compares. Resolves, observes and judges as `check` does. Layer `engine`; knows nothing of
// waivers, report formats or exit statuses.
#pragma once

#include "base/result.hpp"
#include "model/diagnostic.hpp"
#include "model/explanation.hpp"
#include "model/policy.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace permward {

struct System;
class Baseline;

struct ExplainOptions {
  std::vector<std::string> paths;  // as in `CheckOptions`; not empty
  // One per rule: whether what it decides is to be compared. Empty: all. Rules that are left out
  // still decide, and are explained.
  std::vector<bool> selected;
  const Baseline* baseline = nullptr;  // what was accepted; null: nothing was
};

struct ExplainOutcome {
  // In the order of `paths`. A link that a rule with `follow` takes has one more, of where it
  // leads. `waivers` is left empty.
  std::vector<Explanation> explanations;
  std::uint64_t rules_here = 0;  // enabled rules whose `when` holds
  // Rules that cannot hold together on this tree: errors. Where there are any, nothing is
  // explained.
  Diagnostics conflicts;
};

// Looks at the tree below the system's root, and at nothing of it but the ways to the paths of the
// policy and to `paths`; all are as they are inside it. `policy` has no pending account. Changes
// nothing.
// Errors: those of `read_mounts`; `io` where a thread cannot be started. A path that cannot be
// looked at is an explanation that says so.
[[nodiscard]] Result<ExplainOutcome> explain(const Policy& policy, const System& system,
                                             const ExplainOptions& options);

}  // namespace permward
