// SPDX-License-Identifier: Apache-2.0
//
// A process of its own that looks at the tree and could not change it. Layer `cli`.
//
// It has the account `permward`, or that of nobody, and the right to read everything as its only
// one (`os/privilege.hpp`). What it finds it sends to the process that started it, which keeps what
// it takes to write reports, does so, and touches nothing of the tree.
#pragma once

#include "base/result.hpp"
#include "cli/exit_status.hpp"
#include "cli/outputs.hpp"
#include "os/privilege.hpp"
#include "os/system.hpp"

#include <cstdint>
#include <functional>

namespace permward {

// What the observing process does, to its end, with the reports that it writes to its `Outputs`.
// It is told what it could not give up or lacks, or why it must not look at all.
using Observe = std::function<ExitStatus(const Result<Shortfalls>& lowered)>;

// Who looks at that system: the host's account `permward`, but under a root, where no name service
// is asked, that of nobody.
[[nodiscard]] ObserverAccount observer_of(const System& system);

// What the process that starts it keeps of its own rights from then on.
enum class WriterKeeps : std::uint8_t {
  what_reports_take,  // Rights::reads_and_tells
  all,
};

// Runs `observe` in that process, and writes what it sends to `outputs`, which it has too. For a
// process with one thread. The flag of `stop_on_signals` is seen by both; of its signals the
// observing process is told by that alone, and it does not outlive the other.
// Errors: `io`, where it could not be started, or ended before it had sent everything: then what is
// not whole is gone from `outputs`, but for what cannot be (`Outputs::receive`).
[[nodiscard]] Result<ExitStatus> in_observing_process(
    Outputs& outputs, const ObserverAccount& account, const Observe& observe,
    WriterKeeps keeps = WriterKeeps::what_reports_take);

// The shortfalls as warnings of a report.
[[nodiscard]] Diagnostics shortfall_warnings(const Shortfalls& shortfalls);

}  // namespace permward
