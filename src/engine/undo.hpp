// SPDX-License-Identifier: Apache-2.0
//
// Taking back what a run changed: each object is set to what it was before, if it is still as the
// run left it. Layer `engine`; knows nothing of arguments, report formats or exit statuses.
#pragma once

#include "base/result.hpp"
#include "engine/apply.hpp"
#include "model/policy.hpp"
#include "store/carried.hpp"
#include "store/journal_rows.hpp"

#include <atomic>
#include <vector>

namespace permward {

struct System;

struct UndoOptions {
  bool offline = false;  // nobody else acts on the tree
  bool force = false;    // what has changed since is set back all the same
  // Objects of generations, each with the content that a change took away, and where that is.
  SpooledObjects kept{};
  int spool = -1;
  const std::atomic<bool>* stop = nullptr;
};

// `changes` are those of one run, in the order in which it made them. What lies below is set back
// before what it lies in; what the run made is removed, a directory or an empty file of it while it
// is empty; and what it removed is made again before all that. What keeps the names in a directory
// from being changed, and did not before, is lifted first of all. What that takes away is kept as
// evidence; what has other names is not given another content. Whom `policy`, which may be empty,
// trusts is trusted here as by apply.
//
// One finding an aspect that is to change, `expected` being what it was: `corrected` or
// `would_correct`, `refused`, `failed`, and `violation` where it was left alone since it has
// changed meanwhile. Their rules are those that decide the aspect now, or `of_no_rule`. An object
// is one that the run changed; it is compliant if nothing of it is to be taken back. Errors: `io`
// where the root directory or /proc/self/mountinfo cannot be read, or a thread cannot be started.
[[nodiscard]] Result<ApplyOutcome> undo(const Policy& policy, const System& system,
                                        const std::vector<RecordedChange>& changes,
                                        const UndoOptions& options, const Hands& hands);

}  // namespace permward
