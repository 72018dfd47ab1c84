// SPDX-License-Identifier: Apache-2.0
//
// One apply: a check, and then, object by object from the leaves up, what brings each into policy.
// Layer `engine`; knows nothing of arguments, report formats or exit statuses.
#pragma once

#include "base/result.hpp"
#include "engine/check.hpp"
#include "model/file_stamp.hpp"
#include "model/run.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace permward {

class Changer;
class CommandRunner;
class Evidence;
struct Copies;
class Journal;
class OpenRun;
class RefusedInodes;
struct System;

struct ApplyOptions {
  CheckOptions check;
  bool offline = false;                       // nobody else acts on the tree
  std::chrono::year_month_day today;          // by which waivers expire
  std::optional<std::uint64_t> most_changes;  // if more objects would be changed, none is
  // Where what is pinned is restored from; null: nothing is.
  const Copies* copies = nullptr;
};

// By whom objects are changed, and where it is written down before. Without a changer nothing is
// changed, but planned.
struct Hands {
  Changer* changer = nullptr;
  Journal* journal = nullptr;  // null: nothing is written down
  OpenRun* run = nullptr;      // of the journal
  // Where what is replaced or removed is kept before; null: then nothing is that has a content.
  Evidence* evidence = nullptr;
  // By whom what a rule names verifies what is to be restored; null: then that is not restored.
  CommandRunner* runner = nullptr;
  // What earlier runs would not arm, and, with a journal, what this one adds to that; null: what
  // the journal has.
  RefusedInodes* refused = nullptr;
};

struct ApplyOutcome {
  // Findings as they are in the end: `corrected`, `would_correct`, `refused`, `failed` and `waived`
  // beside those of a check.
  CheckOutcome found;
  std::vector<PlannedObject> plan;   // what would be done; by path
  std::uint64_t changed = 0;         // objects that were changed, or would be
  bool too_many = false;             // more than `most_changes`: nothing was done
  std::optional<Error> error;        // of the journal: what follows in the run was left undone
  std::optional<Error> not_durable;  // a file system did not take what was changed on it
  std::vector<Error> damaged;        // generations that nothing could be restored from
  std::vector<StampedFile> stamped;  // of what was put back
  // "the user www-data was 33 and is 44 here", of what was put back: owners go by number.
  std::vector<std::string> other_ids;
};

// As `check`; what is in violation and to be enforced is corrected: first what comes back from what
// was accepted, and what must not be there goes, then what the rules demand of each. Objects are
// changed one after the other; one that cannot be is a finding, and the rest goes on.
// `options.check.stop` ends the run between two of them. Errors: those of `check`.
[[nodiscard]] Result<ApplyOutcome> apply(const Policy& policy, const System& system,
                                         const ApplyOptions& options, const Hands& hands);

}  // namespace permward
