// SPDX-License-Identifier: Apache-2.0
//
// What a run that changes something holds meanwhile: the state directory with its lock, and the
// journal that it writes to.
// Layer `cli`.
#pragma once

#include "base/result.hpp"
#include "cli/commands.hpp"
#include "cli/usage.hpp"
#include "engine/apply.hpp"
#include "engine/beside_paths.hpp"
#include "model/settings.hpp"
#include "os/system.hpp"
#include "store/journal.hpp"
#include "store/lock.hpp"

#include <optional>
#include <string>
#include <vector>

namespace permward {

// As `--state-dir` says, or that of the system, a path of the host. Under a root its links lead
// nowhere else: those on the way are followed as in every path of the root. Errors: those of
// `SafeOpen`.
[[nodiscard]] Result<std::string> state_directory(const Options& options, const System& system);

// The journal of a state directory, for questions alone. Nothing where none of the two is there
// yet: nothing was changed. Errors: those of `StateDir` and `Journal::open_to_read`.
[[nodiscard]] Result<std::optional<Journal>> journal_to_read(const std::string& directory);

// What runs may have left beside objects. Where that is not known, as to who may not read it, there
// is nothing.
[[nodiscard]] BesidePaths read_beside_paths(const Options& options, const System& system);

// That there is no run of that id among these.
[[nodiscard]] UsageError unknown_run(const std::string& id, const std::vector<RecordedRun>& runs,
                                     const std::string& directory);

// What is kept of the journal.
[[nodiscard]] Retention retention_of(const Settings& settings);

// The state directory of who alone may change something in it, and elsewhere.
struct LockedState {
  StateDir directory;
  Lock lock;
};

// `missing`: what is done about a state directory that is not there. Errors: those of `StateDir`
// and `Lock`; the lock is held by another run.
[[nodiscard]] Result<LockedState> lock_state(const Invocation& invocation, const System& system,
                                             StateDir::Missing missing);

class JournalledRun {
 public:
  // For who holds the lock of that state directory. Errors: those of `Journal`.
  [[nodiscard]] static Result<JournalledRun> begin(const Invocation& invocation,
                                                   const System& system, const StateDir& directory,
                                                   StateDir::Missing missing);

  [[nodiscard]] Journal& journal() { return journal_; }
  [[nodiscard]] OpenRun& run() { return run_; }

  // Writes how the run ended, and forgets runs that are not to be kept. If nothing was changed,
  // nothing is left of it.
  [[nodiscard]] Result<void> finish(const RunEnd& end, const Retention& retention);

 private:
  JournalledRun(Journal journal, OpenRun run)
      : journal_(std::move(journal)), run_(std::move(run)) {}

  Journal journal_;
  OpenRun run_;
};

}  // namespace permward
