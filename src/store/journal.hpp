// SPDX-License-Identifier: Apache-2.0
//
// What permward has changed, on the disk before it is changed: for `undo`, for `log`, and for the
// run that comes after one that was killed. Layer `store`.
//
// A SQLite database in WAL mode with synchronous=FULL: what a function has written is on the disk
// when it returns, but for `outcome` (sqlite.org/pragma.html#pragma_synchronous). Functions fail as
// a whole: after an error nothing of what was asked is in the file.
//
// The file is opened by the path of the judged directory, free of links, and compared with what the
// directory's descriptor has. Not through /proc/self/fd: SQLite resolves the links of a path by
// itself (and its -wal and -shm files by the result), so that this would only look safer. A path
// does here, since nobody but root and the caller can rename anything on it: `StateDir` has seen to
// that.
//
// For one thread at a time. It is not to be used, nor destroyed, in a child that was forked
// meanwhile (sqlite.org/howtocorrupt.html, 2.6); and no other code may open the file in this
// process, since closing it would drop SQLite's locks (ibid., 2.2).
//
// Errors of every function, where it names no others: `invalid` where the database is damaged, or
// laid out otherwise than expected; `io` with ENOSPC, EBUSY (somebody else kept it locked for 10
// seconds) or what the system said; `denied`. `doing` says what could not be done, the subject is
// the database.
#pragma once

#include "base/result.hpp"
#include "store/journal_rows.hpp"
#include "store/state_dir.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace permward {

// A run that may come to change something. In the journal it is from its first change on.
class OpenRun {
 public:
  // Empty until something was recorded.
  [[nodiscard]] const std::string& id() const { return id_; }

 private:
  friend class Journal;
  RunStart start_;
  std::string id_;
  std::int64_t number_ = 0;         // of its row; 0: it has none
  std::uint64_t next_ = 1;          // the sequence number of the next change
  std::vector<std::size_t> paths_;  // hashes of those of its changes; of a reopened one: of none
};

// A part of the changes of a run: those beyond a sequence number, in an order, some of them at a
// time.
struct ChangesAsked {
  enum class Order : std::uint8_t { oldest_first, newest_first };

  Order order = Order::oldest_first;
  std::optional<std::uint64_t> beyond;  // the last one of the part before; none: from the beginning
  std::size_t most = std::numeric_limits<std::size_t>::max();
};

// Of each command the newest `keep_runs` runs, none of them older than `keep_days`.
struct Retention {
  std::uint64_t keep_runs = 1000;
  std::uint32_t keep_days = 400;
};

class Journal {
 public:
  // The database in the state directory; made, 0600, where it is missing and that is asked for.
  // Other errors: `insecure_path` where it is a link, not the caller's, or others may write it;
  // `not_found`; `unsupported` where a newer permward has written it, or the file system has not
  // what WAL needs; `invalid` also where it is a database of something else.
  [[nodiscard]] static Result<Journal> open(const StateDir& directory, StateDir::Missing missing);

  // The same for questions alone; nothing where there is none yet: the file is missing, or nothing
  // was written to it. Changes nothing of what is remembered, and works beside a run that is at
  // work, and on a read-only file system; there only if SQLite's -shm file was kept with what a
  // killed run has left. A mode that lets others read the file stays. What was changed meanwhile is
  // seen by the next question.
  // Other errors: those of `open` but `not_found`; `io` with EROFS where that file is missing.
  [[nodiscard]] static Result<std::optional<Journal>> open_to_read(const StateDir& directory);

  Journal(Journal&&) noexcept;
  Journal& operator=(Journal&&) noexcept;
  ~Journal();

  // --- What the holder of the lock does: one run at a time
  // -----------------------------------------

  // Writes nothing.
  [[nodiscard]] static OpenRun begin(RunStart start);

  // Changes that are about to be made; only then may they be. Returns the sequence number of the
  // first, those of the others follow it. Each call waits for the disk once: record hundreds or
  // thousands at a time; what a call needs of the disk at once, about 20 bytes a change and what of
  // its path and states differs from the change before, it keeps for later even if it fails.
  [[nodiscard]] Result<std::uint64_t> record(OpenRun& run, std::span<const Change> changes);

  // What became of recorded changes. It outlives this process at once, and a crash of the machine
  // from the next `record` or `finish` on, which is time enough: an outcome that is lost is one
  // that is not known. A later outcome of the same change replaces the earlier.
  // `invalid` where one is of no recorded change.
  [[nodiscard]] Result<void> outcome(const OpenRun& run, std::span<const Outcome> outcomes);

  // Ends the run, which is not to be used any more; its objects are counted where `end` does not
  // say how many they are. If nothing was recorded, or every change has an outcome without effect,
  // no row of it is left.
  [[nodiscard]] Result<void> finish(OpenRun& run, const RunEnd& end);

  // Runs that never finished, newest first. While the lock is held these are killed ones, but for
  // the holder's own.
  [[nodiscard]] Result<std::vector<RecordedRun>> unfinished();

  // Changes that took immutable or append-only away and did not put them back: of unfinished runs
  // those without an outcome, and those that were found without them after; of ended ones those
  // that are `left_lifted`. And of all runs those that are `left_beside`.
  // On that root; none: on any.
  [[nodiscard]] Result<std::vector<LiftedChange>> lifted(const std::optional<InodeKey>& root = {});

  // An unfinished run, to record outcomes of its changes and to finish it as `killed`. `not_found`
  // where there is no unfinished run of that id.
  [[nodiscard]] Result<OpenRun> reopen(std::string_view id);

  // Replaces outcomes of changes of a run that has ended. On the disk when it returns. `not_found`
  // where there is no run of that id.
  [[nodiscard]] Result<void> amend(std::string_view id, std::span<const Outcome> outcomes);

  // Deletes what is not to be kept at the time `now`; never an unfinished run, nor one that left
  // something lifted or beside, never a refusal.
  // Returns the number of runs that were deleted.
  [[nodiscard]] Result<std::uint64_t> prune(const Retention& retention,
                                            std::chrono::sys_seconds now);

  // --- What may be asked without the lock
  // ----------------------------------------------------------

  // All runs, newest first.
  [[nodiscard]] Result<std::vector<RecordedRun>> runs();
  [[nodiscard]] Result<std::optional<RecordedRun>> find_run(std::string_view id);
  // Of those on that root the newest run with a change that had an effect, or of which that is not
  // known.
  [[nodiscard]] Result<std::optional<RecordedRun>> newest_changing(const InodeKey& root);
  // None where there is no run of that id.
  [[nodiscard]] Result<std::vector<RecordedChange>> changes(std::string_view run,
                                                            const ChangesAsked& asked = {});

  // --- Refusals
  // ------------------------------------------------------------------------------------

  // An inode that is refused already keeps the reason that it had.
  [[nodiscard]] Result<void> add_refusals(std::span<const ArmRefusal> refusals);
  // All of them, in no order: `store/refused_inodes.hpp`.
  [[nodiscard]] Result<std::vector<ArmRefusal>> refusals();

 private:
  struct Parts;
  explicit Journal(std::unique_ptr<Parts> parts);

  [[nodiscard]] std::optional<std::uint64_t> count_objects(OpenRun& run) const;

  std::unique_ptr<Parts> parts_;
};

}  // namespace permward
